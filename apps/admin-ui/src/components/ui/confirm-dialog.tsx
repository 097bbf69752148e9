/** Asks before something is done that cannot be taken back by one click. */
import type { ReactNode } from 'react';
import { Dialog } from './dialog.tsx';
import { DialogForm } from './dialog-form.tsx';

export interface ConfirmDialogProps {
  readonly title: string;
  readonly description: ReactNode;
  /** What the button does. */
  readonly action: string;
  readonly pending: boolean;
  /** Sentence of a refusal; null: none. */
  readonly error: string | null;
  readonly onClose: () => void;
  readonly onConfirm: () => void;
}

export function ConfirmDialog({ title, description, action, pending, error, onClose, onConfirm }: ConfirmDialogProps) {
  return (
    <Dialog open onClose={onClose} title={title} description={description}>
      <DialogForm
        action={action}
        look="danger"
        pending={pending}
        errors={error === null ? [] : [error]}
        onClose={onClose}
        onSubmit={onConfirm}
      />
    </Dialog>
  );
}
