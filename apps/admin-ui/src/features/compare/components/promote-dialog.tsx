/** The last look before flags and segments are promoted: what, why, and what was changed meanwhile. */
import type { Environment } from '@yardarm/contract';
import type { ReactNode } from 'react';
import { ReasonField, useReason } from '../../../components/reason-field.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { DialogForm } from '../../../components/ui/dialog-form.tsx';
import { choiceWords, type EntityId, type Missing } from '../choice.ts';

export interface PromoteDialogProps {
  readonly source: Environment;
  readonly target: Environment;
  readonly chosen: ReadonlySet<EntityId>;
  readonly missing: readonly Missing[];
  /** What changed since it was looked at; null: nothing did. */
  readonly stale: readonly EntityId[] | null;
  readonly pending: boolean;
  readonly errors: readonly string[];
  /** What differs of everything that is chosen. */
  readonly children: ReactNode;
  readonly onAddMissing: () => void;
  readonly onClose: () => void;
  readonly onPromote: (reason: string) => void;
}

export function PromoteDialog(props: PromoteDialogProps) {
  const { source, target, chosen, missing, stale, pending, errors, children, onAddMissing, onClose, onPromote } = props;
  const reason = useReason(target.protected);
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={`Promote ${choiceWords(chosen)} to ${target.name}`}
      description={`${target.name} gets the configuration of ${source.name}, in one change. What is on or off in ${target.name} stays so.`}
    >
      <DialogForm
        action="Promote"
        testId="promote"
        disabled={chosen.size === 0}
        pending={pending}
        errors={errors}
        onClose={onClose}
        onSubmit={() => reason.give(onPromote)}
      >
        {stale !== null && (
          <p role="alert" className="rounded-md border border-warn/30 bg-warn-soft px-3 py-2 text-sm" data-testid="stale">
            {stale.length === 0
              ? 'Something else has changed since you looked. What you chose is as it was: promote it if you still want to.'
              : `Somebody has changed ${stale.join(', ')} since you looked. This is how it stands now; nothing was promoted.`}
          </p>
        )}
        <section className="space-y-3" aria-label="What is promoted">
          {children}
        </section>
        {missing.length > 0 && (
          <div className="flex flex-wrap items-center justify-between gap-2 rounded-md border border-warn/30 bg-warn-soft px-3 py-2 text-sm">
            <span className="min-w-0">
              {missing
                .map(({ flag, segment }) => `${flag} asks for segment ${segment}, which differs too and is not chosen.`)
                .join(' ')}
            </span>
            <Button size="sm" onClick={onAddMissing}>
              Choose {missing.length === 1 ? 'it' : 'them'} too
            </Button>
          </div>
        )}
        <ReasonField reason={reason} />
      </DialogForm>
    </Dialog>
  );
}
