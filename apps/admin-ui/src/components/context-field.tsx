/** A context, typed as JSON. */
import { useId } from 'react';

export interface ContextFieldProps {
  readonly text: string;
  /** Whether the text is a JSON object. */
  readonly valid: boolean;
  readonly rows: number;
  readonly hint?: string;
  readonly onText: (text: string) => void;
}

export function ContextField({ text, valid, rows, hint, onText }: ContextFieldProps) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="mb-1 block font-medium text-sm">
        Context
      </label>
      <textarea
        id={id}
        rows={rows}
        spellCheck={false}
        value={text}
        aria-invalid={valid ? undefined : true}
        className="w-full rounded-md border border-line-strong bg-surface p-2.5 font-mono text-xs shadow-card aria-invalid:border-bad"
        onChange={(event) => onText(event.target.value)}
      />
      {!valid && <p className="mt-1 text-bad text-xs">This is not a JSON object yet.</p>}
      {valid && hint && <p className="mt-1 text-ink-faint text-xs">{hint}</p>}
    </div>
  );
}
