/** How an environment looks everywhere: the colour that it was given, and a lock where it is protected. */
import type { Environment, EnvironmentColor } from '@yardarm/contract';
import { classNames } from '../lib/class-names.ts';
import { LockIcon } from './ui/icons.tsx';

interface EnvironmentLook {
  readonly dot: string;
  /** Of the upper edge of a card. */
  readonly edge: string;
  /** Of what belongs to production: from the top of a card down, and behind a column. */
  readonly wash: string;
  readonly column: string;
}

/** Written out, because Tailwind finds the names of classes in the source. */
export const ENVIRONMENT_LOOKS: Record<EnvironmentColor, EnvironmentLook> = {
  gray: { dot: 'bg-env-gray', edge: 'border-t-env-gray', wash: 'from-env-gray/8', column: 'bg-env-gray/6' },
  red: { dot: 'bg-env-red', edge: 'border-t-env-red', wash: 'from-env-red/8', column: 'bg-env-red/6' },
  orange: { dot: 'bg-env-orange', edge: 'border-t-env-orange', wash: 'from-env-orange/8', column: 'bg-env-orange/6' },
  yellow: { dot: 'bg-env-yellow', edge: 'border-t-env-yellow', wash: 'from-env-yellow/8', column: 'bg-env-yellow/6' },
  green: { dot: 'bg-env-green', edge: 'border-t-env-green', wash: 'from-env-green/8', column: 'bg-env-green/6' },
  teal: { dot: 'bg-env-teal', edge: 'border-t-env-teal', wash: 'from-env-teal/8', column: 'bg-env-teal/6' },
  blue: { dot: 'bg-env-blue', edge: 'border-t-env-blue', wash: 'from-env-blue/8', column: 'bg-env-blue/6' },
  purple: { dot: 'bg-env-purple', edge: 'border-t-env-purple', wash: 'from-env-purple/8', column: 'bg-env-purple/6' },
  pink: { dot: 'bg-env-pink', edge: 'border-t-env-pink', wash: 'from-env-pink/8', column: 'bg-env-pink/6' },
};

/** What is protected, or named so: tinted wherever it stands, and first where not everything fits. */
export function isProduction(environment: Pick<Environment, 'key' | 'protected'>): boolean {
  return environment.protected || /^(prod|live)/i.test(environment.key);
}

export interface EnvironmentNameProps {
  readonly environment: Pick<Environment, 'name' | 'color' | 'protected'>;
  readonly className?: string;
}

export function EnvironmentName({ environment, className }: EnvironmentNameProps) {
  return (
    <span className={classNames('inline-flex min-w-0 max-w-full items-center gap-1.5', className)}>
      <span aria-hidden="true" className={classNames('size-2 shrink-0 rounded-full', ENVIRONMENT_LOOKS[environment.color].dot)} />
      <span className="truncate" title={environment.name}>
        {environment.name}
      </span>
      {environment.protected && (
        <span title="Protected environment" className="text-ink-faint">
          <LockIcon className="size-3" />
          <span className="sr-only">(protected)</span>
        </span>
      )}
    </span>
  );
}
