/** Why somebody changes something: asked for wherever it is, and needed where a protected environment changes. */
import { useState } from 'react';
import { TextField } from './ui/field.tsx';

export interface ReasonFieldProps {
  readonly reason: Reason;
  readonly autoFocus?: boolean;
}

export interface Reason {
  readonly text: string;
  readonly required: boolean;
  /** It was needed, and left out. */
  readonly missing: boolean;
  write(text: string): void;
  /** Goes on with the reason; where it is needed and missing the field says so instead. */
  give(to: (reason: string) => void): void;
}

export function useReason(required: boolean): Reason {
  const [text, setText] = useState('');
  const [missing, setMissing] = useState(false);
  return {
    ...{ text, required, missing },
    write(next) {
      setText(next);
      setMissing(false);
    },
    give(to) {
      const reason = text.trim();
      if (required && reason === '') setMissing(true);
      else to(reason);
    },
  };
}

export function ReasonField({ reason, autoFocus = false }: ReasonFieldProps) {
  return (
    <TextField
      autoFocus={autoFocus}
      label={reason.required ? 'Reason' : 'Reason (optional)'}
      hint="Kept in the history, for whoever asks later."
      error={reason.missing ? 'A protected environment changes for a reason only; give one.' : undefined}
      value={reason.text}
      maxLength={1_000}
      onChange={(event) => reason.write(event.target.value)}
    />
  );
}
