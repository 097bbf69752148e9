/** One flag in one environment, in the list: the switch, and what it serves while it is on. */
import type { Flag, FlagEnvironment } from '@yardarm/contract';
import { Switch } from '../../../components/ui/switch.tsx';
import { classNames } from '../../../lib/class-names.ts';
import { useRecentlyChanged } from '../../../lib/use-recently-changed.ts';
import { environmentState } from '../environment-state.ts';

/** A variant's name looks like one: a flag that is on may well serve a variant named 'off'. */
const CHIP = 'w-fit max-w-full truncate rounded border border-line bg-sunken px-1 font-mono text-xs';

export interface EnvironmentCellProps {
  readonly flag: Flag;
  readonly state: FlagEnvironment;
  readonly environmentName: string;
  readonly pending: boolean;
  /** Why the reader may not switch it; undefined: they may. */
  readonly locked: string | undefined;
  readonly onSwitch: (on: boolean) => void;
}

export function EnvironmentCell({ flag, state, environmentName, pending, locked, onSwitch }: EnvironmentCellProps) {
  const changed = useRecentlyChanged(`${state.on} ${state.version}`);
  const { served, share, exceptions } = environmentState(state);
  return (
    <div className={classNames('-mx-2 -my-1 flex items-center gap-2.5 rounded-md px-2 py-1', changed && 'animate-flash')}>
      <Switch
        checked={state.on}
        pending={pending}
        locked={locked}
        onChange={onSwitch}
        label={`${flag.key} in ${environmentName}`}
        testId={`switch-${flag.key}-${state.environment}`}
      />
      {served === null ? (
        <span className="text-ink-faint text-sm leading-4">Off</span>
      ) : share !== null ? (
        <span className="share text-sm leading-4 tabular-nums" style={{ ['--share' as string]: `${share * 100}%` }}>
          {served}
        </span>
      ) : (
        <div className="min-w-0 text-sm leading-4">
          <div className={CHIP} title={served}>
            {served}
          </div>
          {exceptions && <div className="mt-0.5 truncate text-ink-faint text-xs">{exceptions}</div>}
        </div>
      )}
    </div>
  );
}
