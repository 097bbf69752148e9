/** Which environment the pages of a project show first. It stands in the address, so that a link shows the same. */
import type { Environment } from '@yardarm/contract';
import { ENVIRONMENT_LOOKS } from '../../../components/environment-name.tsx';
import { Select } from '../../../components/ui/select.tsx';
import { classNames } from '../../../lib/class-names.ts';

const ALL = '';

export interface EnvironmentSwitcherProps {
  readonly environments: readonly Environment[];
  /** Key of the chosen one; undefined: none in particular. */
  readonly current: string | undefined;
  readonly onSwitch: (environment: string | undefined) => void;
}

export function EnvironmentSwitcher({ environments, current, onSwitch }: EnvironmentSwitcherProps) {
  const chosen = environments.find(({ key }) => key === current);
  const options = environments.map(({ key, name }) => ({ value: key, label: name }));
  return (
    <div className="relative">
      <Select
        label="Environment"
        value={chosen?.key ?? ALL}
        options={[{ value: ALL, label: 'All environments' }, ...options]}
        onChange={(next) => onSwitch(next === ALL ? undefined : next)}
        className="h-9 w-full font-medium *:first:pl-7"
      />
      <span
        aria-hidden="true"
        className={classNames(
          'pointer-events-none absolute top-3.5 left-3 size-2 rounded-full',
          chosen ? ENVIRONMENT_LOOKS[chosen.color].dot : 'border border-line-strong',
        )}
      />
    </div>
  );
}
