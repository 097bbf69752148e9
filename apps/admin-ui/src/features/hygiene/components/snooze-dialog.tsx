/** Asks until when nobody is to be told of a flag, and why. */
import { useState } from 'react';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { DialogForm } from '../../../components/ui/dialog-form.tsx';
import { TextField } from '../../../components/ui/field.tsx';
import { toSentences } from '../../../lib/api-client.ts';
import { useSnoozeFlag } from '../api/snooze-flag.ts';

const DAY_MS = 86_400_000;
/** One sprint, unless told otherwise. */
const DEFAULT_DAYS = 14;
const MAX_DAYS = 365;

export interface SnoozeDialogProps {
  readonly project: string;
  readonly flag: string;
  readonly onClose: () => void;
}

export function SnoozeDialog({ project, flag, onClose }: SnoozeDialogProps) {
  const [until, setUntil] = useState(() => dayIn(DEFAULT_DAYS));
  const [reason, setReason] = useState('');
  const snoozing = useSnoozeFlag(project);
  const isReady = reason.trim() !== '' && until !== '';
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Snooze ${flag}`}
      description="Until then no message tells anybody of it. What it serves, and where it stands, stays as it is."
    >
      <DialogForm
        action="Snooze"
        disabled={!isReady}
        pending={snoozing.isPending}
        errors={toSentences(snoozing.error)}
        onClose={onClose}
        onSubmit={() => {
          if (isReady && !snoozing.isPending)
            snoozing.mutate({ key: flag, until, reason: reason.trim() }, { onSuccess: onClose });
        }}
      >
        <TextField
          type="date"
          label="Until the end of"
          value={until}
          min={dayIn(0)}
          max={dayIn(MAX_DAYS)}
          onChange={(event) => setUntil(event.target.value)}
        />
        <TextField
          autoFocus
          label="Reason"
          hint="For whoever wonders why nobody was told."
          value={reason}
          maxLength={1_000}
          onChange={(event) => setReason(event.target.value)}
        />
      </DialogForm>
    </Dialog>
  );
}

function dayIn(days: number): string {
  return new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
}
