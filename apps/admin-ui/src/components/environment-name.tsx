/** How an environment looks everywhere: a colour of its own, and a lock where it is protected. */
import type { Environment } from '@yardarm/contract';
import { classNames } from '../lib/class-names.ts';
import { LockIcon } from './ui/icons.tsx';

export type EnvironmentColour = 'production' | 'staging' | 'development' | 'other';

const DOTS: Record<EnvironmentColour, string> = {
  production: 'bg-production',
  staging: 'bg-staging',
  development: 'bg-development',
  other: 'bg-other',
};

/** Production is what is protected or named so; the others go by name, because a colour must not move when one is added. */
export function environmentColour(environment: Pick<Environment, 'key' | 'protected'>): EnvironmentColour {
  if (environment.protected || /^(prod|live)/i.test(environment.key)) return 'production';
  if (/^(stag|pre|uat|qa|test)/i.test(environment.key)) return 'staging';
  return /^(dev|local)/i.test(environment.key) ? 'development' : 'other';
}

export interface EnvironmentNameProps {
  readonly environment: Pick<Environment, 'key' | 'name' | 'protected'>;
  readonly className?: string;
}

export function EnvironmentName({ environment, className }: EnvironmentNameProps) {
  return (
    <span className={classNames('inline-flex min-w-0 items-center gap-1.5', className)}>
      <span aria-hidden="true" className={classNames('size-2 shrink-0 rounded-full', DOTS[environmentColour(environment)])} />
      <span className="truncate">{environment.name}</span>
      {environment.protected && (
        <span title="Protected environment" className="text-ink-faint">
          <LockIcon className="size-3" />
          <span className="sr-only">(protected)</span>
        </span>
      )}
    </span>
  );
}
