import type { Environment } from '@yardarm/contract';
import { classNames } from '../lib/class-names.ts';
import { EnvironmentName } from './environment-name.tsx';

export interface EnvironmentTabsProps {
  readonly environments: readonly Environment[];
  /** Key of the one that is shown. */
  readonly current: string;
  readonly onChoose: (environment: string) => void;
}

export function EnvironmentTabs({ environments, current, onChoose }: EnvironmentTabsProps) {
  return (
    <nav aria-label="Environments" className="mb-4 flex flex-wrap gap-1 border-line border-b">
      {environments.map((environment) => (
        <button
          key={environment.key}
          type="button"
          aria-current={environment.key === current ? 'page' : undefined}
          onClick={() => onChoose(environment.key)}
          className={classNames(
            '-mb-px h-9 rounded-t-md border-b-2 px-3 font-medium text-sm',
            environment.key === current ? 'border-accent text-ink' : 'border-transparent text-ink-faint hover:text-ink',
          )}
        >
          <EnvironmentName environment={environment} />
        </button>
      ))}
    </nav>
  );
}
