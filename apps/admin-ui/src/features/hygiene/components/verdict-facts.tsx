/** Every fact of a verdict, the worst first: what would have to hold, whether it does, and what that is known from. */
import type { FactState, VerdictFact } from '@yardarm/contract';
import type { ReactNode } from 'react';
import { CheckIcon, CloseIcon, WarningIcon } from '../../../components/ui/icons.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { classNames } from '../../../lib/class-names.ts';
import { STATE_WORDS, withDays } from '../hygiene-words.ts';

type Item = VerdictFact['items'][number];

const STATE_TONES: Record<FactState, string> = {
  ok: 'text-good',
  unknown: 'text-ink-faint',
  doubt: 'text-warn',
  blocks: 'text-bad',
};

export interface VerdictFactsProps {
  readonly facts: readonly VerdictFact[];
  readonly environmentName: (key: string) => ReactNode;
  readonly flagLink: (key: string) => ReactNode;
}

export function VerdictFacts({ facts, ...links }: VerdictFactsProps) {
  return (
    <ul className="divide-y divide-line border-line border-t text-sm">
      {facts.map(({ code, state, sentence, items }) => {
        const [open, held] = [items.filter((item) => item.state !== 'ok'), items.filter((item) => item.state === 'ok')];
        return (
          <li key={code} className="flex gap-2.5 px-4 py-2.5" data-testid={`fact-${code}`} data-state={state}>
            <StateIcon state={state} />
            <div className="min-w-0 flex-1">
              <p className="flex flex-wrap items-baseline justify-between gap-x-3">
                <span className="min-w-0 break-words">{withDays(sentence)}</span>
                <span className={classNames('text-xs', STATE_TONES[state])}>{STATE_WORDS[state]}</span>
              </p>
              <Items items={open} {...links} />
              {held.length > 0 && (
                <details>
                  <summary className="w-fit cursor-pointer rounded text-ink-faint text-xs hover:text-ink">
                    {open.length === 0 ? 'What it is known from' : `${held.length} more`}
                  </summary>
                  <Items items={held} {...links} />
                </details>
              )}
            </div>
          </li>
        );
      })}
    </ul>
  );
}

function Items({ items, environmentName, flagLink }: Omit<VerdictFactsProps, 'facts'> & { readonly items: readonly Item[] }) {
  if (items.length === 0) return null;
  return (
    <ul className="mt-1 mb-0.5 space-y-1">
      {items.map(({ environment, flag, sentence, state, at }) => (
        <li key={`${environment} ${flag} ${sentence}`} className="flex gap-2 text-xs leading-4">
          <StateIcon state={state} small />
          <span className="min-w-0 break-words text-ink-soft">
            {environment && <span className="mr-1.5 text-ink">{environmentName(environment)}</span>}
            {withDays(sentence)}
            {flag && <> {flagLink(flag)}</>}
            {at && (
              <span className="ml-1.5 whitespace-nowrap text-ink-faint">
                <RelativeTime at={at} />
              </span>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}

function StateIcon({ state, small = false }: { readonly state: FactState; readonly small?: boolean }) {
  const size = small ? 'size-3.5' : 'size-4';
  return (
    <span title={STATE_WORDS[state]} className={classNames('mt-0.5 flex shrink-0', STATE_TONES[state])}>
      {state === 'ok' && <CheckIcon className={size} />}
      {state === 'unknown' && <span className={classNames(size, 'text-center leading-none font-semibold')}>?</span>}
      {state === 'doubt' && <WarningIcon className={size} />}
      {state === 'blocks' && <CloseIcon className={size} />}
      <span className="sr-only">{STATE_WORDS[state]}</span>
    </span>
  );
}
