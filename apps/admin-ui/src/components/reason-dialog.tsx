/** Asks for the reason that a protected environment wants. Kills never come here. */
import { type ReactNode, useState } from 'react';
import { Button } from './ui/button.tsx';
import { Dialog, DialogBody, DialogFooter } from './ui/dialog.tsx';
import { TextField } from './ui/field.tsx';
import { InlineError } from './ui/notice.tsx';

export interface ReasonDialogProps {
  readonly title: string;
  readonly description: ReactNode;
  /** What the button does. */
  readonly action: string;
  readonly danger?: boolean;
  /** False: a reason may be left out. */
  readonly required: boolean;
  readonly pending: boolean;
  readonly error: string | null;
  readonly onClose: () => void;
  readonly onConfirm: (reason: string) => void;
}

export function ReasonDialog(props: ReasonDialogProps) {
  const { title, description, action, danger = false, required, pending, error, onClose, onConfirm } = props;
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  const submit = () => {
    if (pending) return;
    if (required && reason.trim() === '') return setMissing(true);
    onConfirm(reason.trim());
  };
  return (
    <Dialog open onClose={onClose} title={title} description={description}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <DialogBody>
          <TextField
            autoFocus
            label={required ? 'Reason' : 'Reason (optional)'}
            hint="Kept in the history, for whoever asks later."
            error={missing ? 'A protected environment changes for a reason only; give one.' : undefined}
            value={reason}
            maxLength={1_000}
            onChange={(event) => {
              setReason(event.target.value);
              setMissing(false);
            }}
          />
          {error && <InlineError message={error} />}
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>Cancel</Button>
          <Button look={danger ? 'danger' : 'primary'} type="submit" pending={pending}>
            {action}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
