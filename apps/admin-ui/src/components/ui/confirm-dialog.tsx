/** Asks before something is done that cannot be taken back by one click. */
import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { Dialog, DialogBody, DialogFooter } from './dialog.tsx';
import { InlineError } from './notice.tsx';

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
      {error !== null && (
        <DialogBody>
          <InlineError message={error} />
        </DialogBody>
      )}
      <div className="h-4" />
      <DialogFooter>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" pending={pending} onClick={onConfirm}>
          {action}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
