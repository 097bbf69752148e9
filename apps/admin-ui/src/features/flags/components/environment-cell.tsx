/** One flag in one environment, in the list: the switch, and what it serves while it is on. */
import type { Flag, FlagEnvironment } from '@yardarm/contract';
import { Switch } from '../../../components/ui/switch.tsx';
import { classNames } from '../../../lib/class-names.ts';
import { useRecentlyChanged } from '../../../lib/use-recently-changed.ts';
import { environmentState } from '../environment-state.ts';

/** A variant's name looks like one: a flag that is on may well serve a variant named 'off'. */
const CHIP = 'w-fit rounded border border-line bg-sunken px-1 font-mono text-xs';

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
      <div className="min-w-0 text-sm leading-4 tabular-nums">
        <div
          data-testid={`percentage-${flag.key}-${state.environment}`}
          title={served ?? 'off'}
          className={classNames(
            'max-w-20 truncate min-[90rem]:max-w-25',
            served === null && 'text-ink-faint',
            share === null && served !== null && CHIP,
          )}
        >
          {served ?? 'Off'}
        </div>
        {share !== null && (
          <div aria-hidden="true" className="mt-1 h-1 w-14 overflow-hidden rounded-full bg-line-strong">
            <div className="h-full origin-left bg-accent" style={{ transform: `scaleX(${share})` }} />
          </div>
        )}
        {share === null && served !== null && exceptions && <div className="mt-0.5 text-ink-faint text-xs">{exceptions}</div>}
      </div>
    </div>
  );
}
