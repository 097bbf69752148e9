/** What differs, one row a flag or segment, each with its differences; those that are to be promoted are chosen. */
import type { EntityDiff } from '@yardarm/contract';
import type { ReactNode } from 'react';
import { FlagIcon, SegmentIcon } from '../../../components/ui/icons.tsx';
import { type EntityId, idOf } from '../choice.ts';

export interface ComparisonListProps {
  readonly items: readonly EntityDiff[];
  readonly chosen: ReadonlySet<EntityId>;
  /** Whether anything may be promoted. */
  readonly allowed: boolean;
  readonly onChoose: (chosen: ReadonlySet<EntityId>) => void;
  readonly link: (item: EntityDiff) => ReactNode;
  readonly differences: (item: EntityDiff) => ReactNode;
  /** Of a flag that is on in one of the two alone. */
  readonly switches: (item: EntityDiff) => ReactNode;
}

export function ComparisonList({ items, chosen, allowed, onChoose, link, differences, switches }: ComparisonListProps) {
  const choose = (id: EntityId, isChosen: boolean) =>
    onChoose(new Set([...[...chosen].filter((one) => one !== id), ...(isChosen ? [id] : [])]));
  return (
    <ul className="divide-y divide-line">
      {items.map((item) => {
        const id = idOf(item);
        return (
          <li key={id} className="grid gap-x-4 gap-y-2 px-4 py-3 lg:grid-cols-[minmax(12rem,1fr)_2fr]">
            <div className="flex min-w-0 items-start gap-2.5">
              {allowed && (
                <input
                  type="checkbox"
                  aria-label={`Promote ${id}`}
                  className="checkbox mt-0.5 shrink-0"
                  checked={chosen.has(id)}
                  onChange={({ target }) => choose(id, target.checked)}
                />
              )}
              <span className="mt-0.5 text-ink-faint" title={item.kind === 'flag' ? 'Flag' : 'Segment'}>
                {item.kind === 'flag' ? <FlagIcon /> : <SegmentIcon />}
              </span>
              <div className="min-w-0 text-sm">
                <div className="wrap-anywhere">{link(item)}</div>
                <div className="mt-1">{switches(item)}</div>
              </div>
            </div>
            <div className="min-w-0">{differences(item)}</div>
          </li>
        );
      })}
    </ul>
  );
}
