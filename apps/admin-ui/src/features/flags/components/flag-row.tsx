import type { Environment, Flag } from '@yardarm/contract';
import { memo, type ReactNode } from 'react';
import { ENVIRONMENT_LOOKS, isProduction } from '../../../components/environment-name.tsx';
import { Checkbox } from '../../../components/ui/checkbox.tsx';
import { classNames } from '../../../lib/class-names.ts';
import type { SwitchFlag } from '../api/switch-flag.ts';
import type { TableColumns } from '../table-columns.ts';
import { EnvironmentCell } from './environment-cell.tsx';
import { Expiry, KIND_TITLES } from './flag-badges.tsx';

export interface FlagRowProps {
  readonly flag: Flag;
  readonly environments: readonly Environment[];
  readonly columns: Pick<TableColumns, 'owner' | 'evaluated'>;
  /** Among all rows of the table, from 1. */
  readonly rowIndex: number;
  readonly heightPx: number;
  readonly flagLink: (key: string) => ReactNode;
  /** When the flag was last evaluated. */
  readonly evaluated: (key: string) => ReactNode;
  readonly selected: boolean;
  /** `isRange`: everything up to this flag as well. */
  readonly onSelect: (key: string, isRange: boolean) => void;
  /** Keys of the environments in which it is being switched, with spaces between: a text, so that equal ones are the same. */
  readonly pending: string;
  /** Why the reader may not switch a flag that is `on` there; undefined: they may. */
  readonly lockOf: (environment: Environment, on: boolean) => string | undefined;
  readonly onSwitch: (request: SwitchFlag) => void;
}

/** Drawn again only when something of its own changed: a search moves rows, and most of them stay as they are. */
export const FlagRow = memo(function FlagRow(props: FlagRowProps) {
  const { flag, environments, columns, rowIndex, heightPx, flagLink, evaluated, selected, onSelect, pending, lockOf, onSwitch } =
    props;
  const switching = pending.split(' ');
  return (
    <tr
      aria-rowindex={rowIndex}
      style={{ height: `${heightPx}px` }}
      className={classNames(
        'border-line border-t',
        selected ? 'bg-accent-soft' : 'bg-surface hover:bg-hover focus-within:bg-hover',
      )}
      data-flag={flag.key}
      data-testid={`flag-${flag.key}`}
    >
      <td className="pl-4">
        <Checkbox
          label={`Select ${flag.key}`}
          checked={selected}
          onToggle={(isRange) => onSelect(flag.key, isRange)}
          testId={`select-${flag.key}`}
        />
      </td>
      <th
        scope="row"
        className="bg-inherit py-1.5 pr-3 pl-3 font-normal in-data-wide:md:sticky in-data-wide:md:left-0 in-data-wide:md:z-1"
      >
        {flagLink(flag.key)}
        <div
          className="truncate text-ink-faint text-xs"
          title={flag.description ? `${flag.description}\n\n${KIND_TITLES[flag.kind]}` : KIND_TITLES[flag.kind]}
        >
          {flag.description ? `${flag.kind} · ${flag.description}` : flag.kind}
        </div>
      </th>
      {columns.owner && (
        <td className="px-3 py-1.5 text-sm leading-4">
          <div className={classNames('truncate', flag.owner === null && 'text-ink-faint')} title={flag.owner ?? undefined}>
            {flag.owner ?? 'nobody'}
          </div>
          <Expiry flag={flag} compact />
        </td>
      )}
      {columns.evaluated && (
        <td className="px-3 py-1.5 tabular-nums" data-testid={`evaluated-${flag.key}`}>
          {evaluated(flag.key)}
        </td>
      )}
      {environments.map((environment) => {
        const state = flag.environments.find((one) => one.environment === environment.key);
        return (
          <td
            key={environment.key}
            className={classNames('px-3 py-1.5', isProduction(environment) && ENVIRONMENT_LOOKS[environment.color].column)}
          >
            {state && (
              <EnvironmentCell
                flag={flag}
                state={state}
                environmentName={environment.name}
                pending={switching.includes(environment.key)}
                locked={lockOf(environment, state.on)}
                onSwitch={(on) => onSwitch({ key: flag.key, environment: environment.key, on })}
              />
            )}
          </td>
        );
      })}
    </tr>
  );
});
