/** Asks for the reason that a protected environment wants. Kills never come here. */
import type { ReactNode } from 'react';
import { ReasonField, useReason } from './reason-field.tsx';
import { Dialog } from './ui/dialog.tsx';
import { DialogForm } from './ui/dialog-form.tsx';

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
  const reason = useReason(required);
  return (
    <Dialog open onClose={onClose} title={title} description={description}>
      <DialogForm
        action={action}
        look={danger ? 'danger' : 'primary'}
        pending={pending}
        errors={error === null ? [] : [error]}
        onClose={onClose}
        onSubmit={() => reason.give(onConfirm)}
      >
        <ReasonField reason={reason} />
      </DialogForm>
    </Dialog>
  );
}
