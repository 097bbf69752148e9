/** Changes as a list: who, what, where, why, when; with the recorded before and after behind each. */
import type { Change } from '@yardarm/contract';
import type { ReactNode } from 'react';
import { Badge } from '../../../components/ui/badge.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { classNames } from '../../../lib/class-names.ts';
import { counted } from '../../../lib/counted.ts';
import { describeChange } from '../describe-change.ts';
import { groupChanges } from '../group-changes.ts';
import { isRevertible } from '../revertible.ts';

/** More environments than this are counted: what touches so many, as a new flag does, touches all of them. */
const MAX_NAMED = 4;

export interface ChangeListProps {
  readonly changes: readonly Change[];
  /** Renders the name of the environment with that key. */
  readonly environmentName: (key: string) => ReactNode;
  /** Renders a link to the entity that a change is about; the key alone where there is no page for it. */
  readonly entityLink?: (change: Change, name: string) => ReactNode;
  /** Called for a change that the person wants taken back; without it there is no such button. */
  readonly onRevert?: (change: Change) => void;
  /** Whether the reader has the right to that. */
  readonly mayRevert?: (change: Change) => boolean;
  /** Shows what differs between two states of what the change is about; null: nothing that its sentence has not said. */
  readonly difference: (change: Change, before: unknown, after: unknown) => ReactNode;
  /** Older changes are not here: the last line may be a part of a change set. */
  readonly hasOlder?: boolean;
  /** On the page of one entity its key goes without saying. */
  readonly compact?: boolean;
}

export function ChangeList({
  changes,
  environmentName,
  difference,
  entityLink,
  onRevert,
  mayRevert = () => true,
  hasOlder = false,
  compact = false,
}: ChangeListProps) {
  return (
    <ol className="divide-y divide-line">
      {groupChanges(changes, hasOlder).map(({ change, environments, isCut }) => (
        <li key={change.id} className="flex gap-3 px-4 py-2.5 text-sm">
          <Initial name={change.actor.name} kind={change.actor.kind} />
          <div className="min-w-0 flex-1">
            <div className="flex flex-wrap items-baseline gap-x-2">
              <p className="min-w-0 break-words">
                <span className="font-medium">{change.actor.name}</span>{' '}
                <Sentence change={change} entityLink={entityLink} compact={compact} />
              </p>
              {environments.length > MAX_NAMED && (
                <span className="text-ink-soft text-xs">
                  in {counted(environments.length, 'environment')}
                  {isCut && ' or more'}
                </span>
              )}
              {(environments.length > MAX_NAMED ? [] : environments).map((key) => (
                <span key={key} className="text-ink-soft text-xs">
                  {environmentName(key)}
                </span>
              ))}
            </div>
            <div className="flex flex-wrap items-baseline gap-x-2.5">
              {change.reason && <p className="min-w-0 break-words text-ink-soft">“{change.reason}”</p>}
              <Details>{difference(change, change.before, change.after)}</Details>
              {onRevert && isRevertible(change) && mayRevert(change) && (
                <button
                  type="button"
                  className="rounded text-ink-faint text-xs leading-4 underline-offset-3 hover:text-ink hover:underline"
                  aria-label={`Revert this change of ${change.key}`}
                  onClick={() => onRevert(change)}
                >
                  Revert…
                </button>
              )}
            </div>
          </div>
          <div className="flex shrink-0 flex-col items-end gap-x-3 text-ink-faint text-xs leading-5 sm:flex-row sm:items-start">
            {change.revision !== null && <span className="tabular-nums">revision {change.revision}</span>}
            <RelativeTime at={change.at} className="min-w-20 text-right" />
          </div>
        </li>
      ))}
    </ol>
  );
}

function Sentence({
  change,
  entityLink,
  compact,
}: {
  change: Change;
  entityLink: ChangeListProps['entityLink'];
  compact: boolean;
}) {
  const { verb, entity, detail } = describeChange(change);
  const bare = compact && change.kind === 'flag';
  const tone = change.command.startsWith('flag.kill') ? 'bad' : change.command === 'flag.unkill' ? 'good' : null;
  return (
    <>
      {tone ? <Badge tone={tone}>{verb}</Badge> : <span className="text-ink-soft">{bare ? verb.replace(/ of$/, '') : verb}</span>}{' '}
      {!bare && (entityLink?.(change, entity) ?? <span className="font-medium">{entity}</span>)}{' '}
      <span className="text-ink-soft">{detail}</span>
    </>
  );
}

/** Only what differs; a creation shows everything. */
function Details({ children }: { readonly children: ReactNode }) {
  if (children === null) return null;
  return (
    <details className="leading-4 open:basis-full">
      <summary className="inline cursor-pointer rounded text-ink-faint text-xs hover:text-ink">Details</summary>
      <div className="mt-1.5 mb-1">{children}</div>
    </details>
  );
}

function Initial({ name, kind }: { readonly name: string; readonly kind: Change['actor']['kind'] }) {
  return (
    <span
      aria-hidden="true"
      title={kind}
      className={classNames(
        'mt-0.5 flex size-6 shrink-0 items-center justify-center text-xs font-semibold uppercase',
        kind === 'person' ? 'rounded-full bg-accent-soft text-accent' : 'rounded-md bg-sunken text-ink-faint border border-line',
      )}
    >
      {name.slice(0, 1)}
    </span>
  );
}
