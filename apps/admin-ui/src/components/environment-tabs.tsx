import type { Environment } from '@yardarm/contract';
import { useLayoutEffect, useRef } from 'react';
import { classNames } from '../lib/class-names.ts';
import { EnvironmentName } from './environment-name.tsx';

export interface EnvironmentTabsProps {
  readonly environments: readonly Environment[];
  /** Key of the one that is shown. */
  readonly current: string;
  readonly onChoose: (environment: string) => void;
}

export function EnvironmentTabs({ environments, current, onChoose }: EnvironmentTabsProps) {
  const list = useRef<HTMLElement>(null);
  // On a phone they stand in one line, which scrolls.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the one that is shown may be out of sight whenever it is another
  useLayoutEffect(() => {
    const tab = list.current?.querySelector<HTMLElement>('[aria-current]');
    if (list.current && tab) list.current.scrollLeft = tab.offsetLeft - (list.current.clientWidth - tab.offsetWidth) / 2;
  }, [current]);
  return (
    <nav
      ref={list}
      aria-label="Environments"
      className="relative mb-4 flex gap-1 border-line border-b max-md:-mx-4 max-md:overflow-x-auto max-md:px-4 md:flex-wrap"
    >
      {environments.map((environment) => (
        <button
          key={environment.key}
          type="button"
          aria-current={environment.key === current ? 'page' : undefined}
          onClick={() => onChoose(environment.key)}
          className={classNames(
            'h-9 shrink-0 rounded-t-md border-b-2 px-3 font-medium text-sm focus-visible:-outline-offset-2 md:-mb-px',
            environment.key === current ? 'border-accent text-ink' : 'border-transparent text-ink-faint hover:text-ink',
          )}
        >
          <EnvironmentName environment={environment} />
        </button>
      ))}
    </nav>
  );
}
