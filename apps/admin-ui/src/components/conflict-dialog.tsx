/** Somebody published while this edit was made. Shows theirs and mine, and lets the person decide. */
import type { ReactNode } from 'react';
import { Button } from './ui/button.tsx';
import { Dialog, DialogBody, DialogFooter } from './ui/dialog.tsx';

export interface ConflictDialogProps {
  readonly open: boolean;
  readonly environmentName: string;
  /** Who published; null where that is not known. */
  readonly actor: string | null;
  readonly theirs: ReactNode;
  readonly mine: ReactNode;
  /** Back to the edit: nothing is decided yet. */
  readonly onClose: () => void;
  readonly onKeepTheirs: () => void;
  readonly onPublishMine: () => void;
  readonly pending: boolean;
}

export function ConflictDialog(props: ConflictDialogProps) {
  const { open, environmentName, actor, theirs, mine, onClose, onKeepTheirs, onPublishMine, pending } = props;
  return (
    <Dialog
      open={open}
      wide
      onClose={onClose}
      title={`${actor ?? 'Somebody else'} published first`}
      description={`${environmentName} has changed since you began to edit. Nothing of yours was published.`}
    >
      <DialogBody>
        <div className="grid gap-3 sm:grid-cols-2" data-testid="conflict">
          <Side title="Theirs, serving now">{theirs}</Side>
          <Side title="Yours, not published">{mine}</Side>
        </div>
      </DialogBody>
      <DialogFooter>
        <Button onClick={onKeepTheirs}>Keep theirs</Button>
        <Button look="primary" pending={pending} onClick={onPublishMine}>
          Publish mine over it
        </Button>
      </DialogFooter>
    </Dialog>
  );
}

function Side({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="min-w-0 rounded-md border border-line bg-sunken p-3">
      <h3 className="mb-1.5 text-ink-faint text-xs">{title}</h3>
      {children}
    </section>
  );
}
