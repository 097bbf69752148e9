/** Somebody published while this edit was made. Shows theirs and mine, and lets the person decide. */
import type { FlagEnvironment } from '@yardarm/contract';
import type { ReactNode } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../../components/ui/dialog.tsx';
import { serveSentence } from '../rule-sentence.ts';
import { Phrases } from './phrases.tsx';

export interface Conflict {
  /** The configuration as it stands. */
  readonly theirs: FlagEnvironment;
  readonly mine: FlagEnvironment['fallthrough'];
  readonly reason: string;
}

export interface ConflictDialogProps {
  readonly conflict: Conflict | null;
  readonly environmentName: string;
  /** Who published; null where that is not known. */
  readonly actor: string | null;
  readonly onKeepTheirs: () => void;
  readonly onPublishMine: (conflict: Conflict) => void;
  readonly pending: boolean;
}

export function ConflictDialog({ conflict, environmentName, actor, onKeepTheirs, onPublishMine, pending }: ConflictDialogProps) {
  return (
    <Dialog
      open={conflict !== null}
      onClose={onKeepTheirs}
      title={`${actor ?? 'Somebody else'} published first`}
      description={`${environmentName} has changed since you began to edit. Nothing of yours was published.`}
    >
      {conflict && (
        <>
          <DialogBody>
            <div className="grid gap-3 sm:grid-cols-2" data-testid="conflict">
              <Side title="Theirs, serving now">
                <Phrases phrases={serveSentence(conflict.theirs.fallthrough)} />
              </Side>
              <Side title="Yours, not published">
                <Phrases phrases={serveSentence(conflict.mine)} />
              </Side>
            </div>
          </DialogBody>
          <DialogFooter>
            <Button onClick={onKeepTheirs}>Keep theirs</Button>
            <Button look="primary" pending={pending} onClick={() => onPublishMine(conflict)}>
              Publish mine over it
            </Button>
          </DialogFooter>
        </>
      )}
    </Dialog>
  );
}

function Side({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="rounded-md border border-line bg-sunken p-3">
      <h3 className="mb-1.5 text-ink-faint text-xs">{title}</h3>
      <p>{children}</p>
    </section>
  );
}
