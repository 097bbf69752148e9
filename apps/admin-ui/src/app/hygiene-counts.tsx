/** How many flags stand where; each number leads to the list of them. */
import { Link } from '@tanstack/react-router';
import type { HygieneOverview } from '@yardarm/contract';
import type { FlagFilter } from '../features/flags/flag-filter.ts';
import { classNames } from '../lib/class-names.ts';

export interface HygieneCountsProps {
  readonly project: string;
  readonly counts: HygieneOverview['counts'];
}

interface Count {
  readonly title: string;
  readonly n: number;
  readonly tone: string;
  /** Null: no filter of the list is just that. */
  readonly filter: FlagFilter | null;
}

export function HygieneCounts({ project, counts: { lifecycle, awaitingDeploy, snoozed, withoutOwner } }: HygieneCountsProps) {
  const counts: readonly Count[] = [
    { title: 'Ready to remove', n: lifecycle.ready_to_remove ?? 0, tone: 'text-good', filter: { lifecycle: 'ready_to_remove' } },
    { title: 'Expired', n: lifecycle.expired ?? 0, tone: 'text-bad', filter: { lifecycle: 'expired' } },
    { title: 'Stale', n: lifecycle.stale ?? 0, tone: 'text-warn', filter: { lifecycle: 'stale' } },
    { title: 'Expiring', n: lifecycle.expiring ?? 0, tone: 'text-warn', filter: { lifecycle: 'expiring' } },
    { title: 'Active', n: lifecycle.active ?? 0, tone: 'text-ink', filter: { lifecycle: 'active' } },
    { title: 'Awaiting deploy', n: awaitingDeploy, tone: 'text-ink', filter: null },
    { title: 'Snoozed', n: snoozed, tone: 'text-ink', filter: null },
    { title: 'No owner', n: withoutOwner, tone: 'text-warn', filter: null },
  ];
  return (
    <ul className="mb-4 grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line shadow-card sm:grid-cols-4 xl:grid-cols-8">
      {counts.map(({ title, n, tone, filter }) => {
        const content = (
          <>
            <span className={classNames('block font-semibold text-xl tabular-nums', n === 0 ? 'text-ink-faint' : tone)}>
              {n.toLocaleString('en-GB')}
            </span>
            <span className="text-ink-soft text-xs">{title}</span>
          </>
        );
        return (
          <li key={title} className="bg-surface">
            {filter === null ? (
              <div className="px-4 py-3">{content}</div>
            ) : (
              <Link
                to="/projects/$project/flags"
                params={{ project }}
                search={filter}
                className="block px-4 py-3 hover:bg-hover focus-visible:-outline-offset-2"
              >
                {content}
              </Link>
            )}
          </li>
        );
      })}
    </ul>
  );
}
