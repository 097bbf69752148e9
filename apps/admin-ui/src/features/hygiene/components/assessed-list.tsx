/** Flags that want something of somebody, each with its owner, its evidence and its verdict. */
import type { AssessedFlag } from '@yardarm/contract';
import type { ReactNode } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { LongList } from '../../../components/ui/long-list.tsx';
import { toDay } from '../../../lib/time.ts';
import { evidenceOf } from '../hygiene-words.ts';
import { VerdictBadge } from './verdict-badge.tsx';

export interface AssessedListProps {
  readonly flags: readonly AssessedFlag[];
  /** `94 % report`, of all environments; undefined: not known yet. */
  readonly coverage: string | undefined;
  readonly flagLink: (key: string) => ReactNode;
  /** Stands where there is nothing to list. */
  readonly empty: string;
  /** `expires in 5 days`; undefined: the expiry is not what the list is about. */
  readonly due?: (flag: AssessedFlag) => ReactNode;
  /** Undefined: the reader may not snooze. */
  readonly onSnooze: ((key: string) => void) | undefined;
}

export function AssessedList({ flags, coverage, flagLink, empty, due, onSnooze }: AssessedListProps) {
  if (flags.length === 0) return <p className="px-4 py-6 text-balance text-center text-ink-faint text-sm">{empty}</p>;
  return (
    <LongList items={flags} noun="flag">
      {(shown) => (
        <ul className="divide-y divide-line">
          {shown.map((flag) => (
            <li key={flag.flag} className="flex items-start gap-3 px-4 py-2.5 text-sm" data-testid={`assessed-${flag.flag}`}>
              <div className="min-w-0 flex-1">
                <div className="flex min-w-0 flex-wrap items-baseline gap-x-2.5">
                  <span className="min-w-0 wrap-anywhere">{flagLink(flag.flag)}</span>
                  <span className="text-ink-soft">
                    {flag.ownerTeam?.name ?? flag.owner ?? <span className="text-warn">nobody’s</span>}
                  </span>
                  {due && <span className="text-xs">{due(flag)}</span>}
                </div>
                <p className="break-words text-ink-faint text-xs">{[flag.kind, ...evidenceOf(flag, coverage)].join(' · ')}</p>
                {flag.snooze && (
                  <p className="text-ink-soft text-xs">
                    Snoozed until {toDay(Date.parse(flag.snooze.until))}: “{flag.snooze.reason}”
                  </p>
                )}
              </div>
              <VerdictBadge verdict={flag.verdict} />
              {onSnooze && (
                <Button
                  look="ghost"
                  size="sm"
                  className="-my-1 -mr-2"
                  aria-label={`Snooze ${flag.flag}`}
                  onClick={() => onSnooze(flag.flag)}
                >
                  Snooze…
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </LongList>
  );
}
