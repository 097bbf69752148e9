/** Asks before a change is taken back, and shows what stands in the way where somebody changed the same since. */
import type { Change } from '@yardarm/contract';
import type { ReactNode } from 'react';
import { ReasonField, useReason } from '../../../components/reason-field.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../../components/ui/dialog.tsx';
import { DialogForm } from '../../../components/ui/dialog-form.tsx';
import { ApiError, type ErrorDetail, hasCode, toSentences } from '../../../lib/api-client.ts';
import { useRevertChange } from '../api/revert-change.ts';

export interface RevertDialogProps {
  readonly project: string;
  readonly change: Change;
  readonly environmentName: ReactNode;
  /** What taking it back makes different. */
  readonly difference: ReactNode;
  /** The environment asks for a reason. */
  readonly isProtected: boolean;
  readonly onClose: () => void;
}

export function RevertDialog({ project, change, environmentName, difference, isProtected, onClose }: RevertDialogProps) {
  const reason = useReason(isProtected);
  const reverting = useRevertChange(project, change.kind);
  const conflict = hasCode(reverting.error, 'conflict') && reverting.error instanceof ApiError ? reverting.error : null;
  const kills = typeof change.after === 'object' && change.after !== null && 'on' in change.after;
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={conflict ? 'This is no longer as the change left it' : `Revert this change of '${change.key}'?`}
      description={
        conflict
          ? conflict.message
          : kills
            ? 'The flag goes off again: everybody gets the off variant.'
            : 'A new change makes it as it was before. On and off stay as they are.'
      }
    >
      {conflict ? (
        <>
          <DialogBody>
            {environmentName && <p className="text-sm">{environmentName}</p>}
            <ThreeWays details={conflict.details} />
          </DialogBody>
          <DialogFooter>
            <Button onClick={onClose}>Close</Button>
          </DialogFooter>
        </>
      ) : (
        <DialogForm
          action="Revert"
          pending={reverting.isPending}
          errors={toSentences(reverting.error)}
          onClose={onClose}
          onSubmit={() =>
            reason.give((text) =>
              reverting.mutate(
                { id: change.id, key: change.key, environment: change.environment, reason: text },
                { onSuccess: onClose },
              ),
            )
          }
        >
          {environmentName && <p className="text-sm">{environmentName}</p>}
          {difference}
          <ReasonField reason={reason} />
        </DialogForm>
      )}
    </Dialog>
  );
}

/** Before the change, as the change left it, as it is now: one row per place. */
function ThreeWays({ details }: { readonly details: readonly ErrorDetail[] }) {
  return (
    <div className="overflow-x-auto rounded-md border border-line">
      <table className="w-full min-w-lg table-fixed text-left text-xs" data-testid="three-ways">
        <thead className="bg-sunken text-ink-faint">
          <tr>
            {['Place', 'Before', 'By the change', 'Now'].map((title) => (
              <th key={title} scope="col" className="px-3 py-2 font-medium">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line font-mono">
          {details.map(({ path, before, after, current }) => (
            <tr key={path} className="align-top">
              <th scope="row" className="break-words px-3 py-2 font-normal text-ink-faint">
                {path}
              </th>
              <Value value={before} />
              <Value value={after} />
              <Value value={current} />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Value({ value }: { readonly value: unknown }) {
  return (
    <td className="break-words px-3 py-2">
      {value === undefined ? <span className="text-ink-faint">nothing</span> : JSON.stringify(value)}
    </td>
  );
}
