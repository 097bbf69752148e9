/** Every fact of a verdict, the worst first, with what each of them is known from. */
import type { FactState, VerdictFact } from '@yardarm/contract';
import type { ReactNode } from 'react';
import { CheckIcon, CloseIcon, WarningIcon } from '../../../components/ui/icons.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { classNames } from '../../../lib/class-names.ts';
import { FACT_TITLES, STATE_WORDS } from '../hygiene-words.ts';

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

export function VerdictFacts({ facts, environmentName, flagLink }: VerdictFactsProps) {
  return (
    <ul className="divide-y divide-line border-line border-t text-sm">
      {facts.map(({ code, state, sentence, items }) => (
        <li key={code} className="flex gap-2.5 px-4 py-2.5" data-testid={`fact-${code}`} data-state={state}>
          <StateIcon state={state} />
          <div className="min-w-0 flex-1">
            <p className="font-medium">{FACT_TITLES[code]}</p>
            <p className="break-words text-ink-soft">{sentence}</p>
            {items.length > 0 && (
              <details>
                <summary className="w-fit cursor-pointer rounded text-ink-faint text-xs hover:text-ink">
                  {items.length === 1 ? 'What it is known from' : `What it is known from (${items.length})`}
                </summary>
                <ul className="mt-1.5 space-y-1.5">
                  {items.map((item) => (
                    <li key={`${item.environment} ${item.flag} ${item.sentence}`} className="flex gap-2 text-xs leading-4">
                      <StateIcon state={item.state} small />
                      <span className="min-w-0 break-words text-ink-soft">
                        {item.environment && <span className="mr-1.5 text-ink">{environmentName(item.environment)}</span>}
                        {item.sentence}
                        {item.flag && <> {flagLink(item.flag)}</>}
                        {item.at && (
                          <span className="ml-1.5 whitespace-nowrap text-ink-faint">
                            <RelativeTime at={item.at} />
                          </span>
                        )}
                      </span>
                    </li>
                  ))}
                </ul>
              </details>
            )}
          </div>
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
