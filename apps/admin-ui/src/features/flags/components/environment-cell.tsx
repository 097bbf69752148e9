// biome-ignore-all lint/a11y/useSemanticElements: a table by its roles, see flags-table.tsx
// biome-ignore-all lint/a11y/useFocusableInteractive: what can be pressed is in it
/** One flag in one environment, in the list: the switch, and what it serves while it is on. */
import type { Flag, FlagEnvironment } from '@yardarm/contract';
import { Switch } from '../../../components/ui/switch.tsx';
import { classNames } from '../../../lib/class-names.ts';
import { useRecentlyChanged } from '../../../lib/use-recently-changed.ts';
import { environmentState } from '../environment-state.ts';

/** A variant's name looks like one: a flag that is on may well serve a variant named 'off'. */
const CHIP = 'w-fit min-w-0 max-w-full truncate rounded border border-line bg-sunken px-1 font-mono text-xs';

export interface EnvironmentCellProps {
  readonly flag: Flag;
  readonly state: FlagEnvironment;
  readonly environmentName: string;
  readonly widthRem: number;
  readonly className: string | false;
  readonly pending: boolean;
  /** Why the reader may not switch it; undefined: they may. */
  readonly locked: string | undefined;
  readonly onSwitch: (on: boolean) => void;
}

/** As few elements as can be: a scrolled list makes a hundred of these in a frame. */
export function EnvironmentCell(props: EnvironmentCellProps) {
  const { flag, state, environmentName, widthRem, className, pending, locked, onSwitch } = props;
  const changed = useRecentlyChanged(`${state.on} ${state.version}`);
  const { served, share, exceptions } = environmentState(state);
  const chip = (
    <div className={CHIP} title={served ?? undefined}>
      {served}
    </div>
  );
  return (
    <div
      role="cell"
      style={{ width: `${widthRem}rem` }}
      className={classNames('flex shrink-0 items-center gap-2.5 px-3', className, changed && 'animate-flash')}
    >
      <Switch
        checked={state.on}
        pending={pending}
        locked={locked}
        onChange={onSwitch}
        label={`${flag.key} in ${environmentName}`}
        testId={`switch-${flag.key}-${state.environment}`}
      />
      {served === null ? (
        <span className="text-ink-faint text-sm">Off</span>
      ) : share !== null ? (
        <span className="share text-sm leading-4 tabular-nums" style={{ ['--share' as string]: `${share * 100}%` }}>
          {served}
        </span>
      ) : exceptions ? (
        <div className="min-w-0 text-xs">
          {chip}
          <div className="mt-0.5 truncate text-ink-faint">{exceptions}</div>
        </div>
      ) : (
        chip
      )}
    </div>
  );
}
