// biome-ignore-all lint/a11y/useSemanticElements: a table by its roles, see flags-table.tsx
// biome-ignore-all lint/a11y/useFocusableInteractive: of a row, what can be pressed is in it
import type { Environment, Flag } from '@yardarm/contract';
import { memo, type ReactNode } from 'react';
import { ENVIRONMENT_LOOKS, isProduction } from '../../../components/environment-name.tsx';
import { Checkbox } from '../../../components/ui/checkbox.tsx';
import { classNames } from '../../../lib/class-names.ts';
import { toDay, toExactTime } from '../../../lib/time.ts';
import type { SwitchFlag } from '../api/switch-flag.ts';
import { CREATED_REM, EVALUATED_REM, OWNER_REM, type TableColumns } from '../table-columns.ts';
import { EnvironmentCell } from './environment-cell.tsx';
import { Expiry, KIND_TITLES } from './flag-badges.tsx';

export interface FlagRowProps {
  readonly flag: Flag;
  readonly environments: readonly Environment[];
  readonly columns: TableColumns;
  /** Among the flags that are listed, from 0. */
  readonly index: number;
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

const CELL = 'flex shrink-0 flex-col justify-center px-3';

/** Drawn again only when something of its own changed: a search moves rows, and most of them stay as they are. */
export const FlagRow = memo(function FlagRow(props: FlagRowProps) {
  const { flag, environments, columns, index, heightPx, flagLink, evaluated, selected, onSelect, pending, lockOf, onSwitch } =
    props;
  const switching = pending.split(' ');
  return (
    <div
      role="row"
      // The names of the columns are the first.
      aria-rowindex={index + 2}
      style={{ top: `${index * heightPx}px`, height: `${heightPx}px` }}
      className={classNames(
        'absolute inset-x-0 flex border-line border-b contain-strict',
        selected ? 'bg-accent-soft' : 'bg-surface hover:bg-hover focus-within:bg-hover',
      )}
      data-flag={flag.key}
      data-testid={`flag-${flag.key}`}
    >
      <div role="cell" className="flex w-8 shrink-0 items-center pl-4">
        <Checkbox
          label={`Select ${flag.key}`}
          checked={selected}
          onToggle={(isRange) => onSelect(flag.key, isRange)}
          testId={`select-${flag.key}`}
        />
      </div>
      <div
        role="rowheader"
        className="flex min-w-0 flex-1 flex-col justify-center bg-inherit px-3 in-data-wide:md:sticky in-data-wide:md:left-0 in-data-wide:md:z-1"
      >
        {flagLink(flag.key)}
        <div
          className="truncate text-ink-faint text-xs"
          title={flag.description ? `${flag.description}\n\n${KIND_TITLES[flag.kind]}` : KIND_TITLES[flag.kind]}
        >
          {flag.description ? `${flag.kind} · ${flag.description}` : flag.kind}
        </div>
      </div>
      {columns.owner && (
        <div role="cell" className={classNames(CELL, 'text-sm leading-4')} style={{ width: `${OWNER_REM}rem` }}>
          <div className={classNames('truncate', flag.owner === null && 'text-ink-faint')} title={flag.owner ?? undefined}>
            {flag.owner ?? 'nobody'}
          </div>
          <Expiry flag={flag} compact />
        </div>
      )}
      {columns.created && (
        <div
          role="cell"
          className={classNames(CELL, 'text-sm')}
          style={{ width: `${CREATED_REM}rem` }}
          title={toExactTime(Date.parse(flag.createdAt))}
        >
          {toDay(Date.parse(flag.createdAt))}
        </div>
      )}
      {columns.evaluated && (
        <div
          role="cell"
          className={classNames(CELL, 'tabular-nums')}
          style={{ width: `${EVALUATED_REM}rem` }}
          data-testid={`evaluated-${flag.key}`}
        >
          {evaluated(flag.key)}
        </div>
      )}
      {environments.map((environment) => {
        const state = flag.environments.find((one) => one.environment === environment.key);
        const column = isProduction(environment) && ENVIRONMENT_LOOKS[environment.color].column;
        return state ? (
          <EnvironmentCell
            key={environment.key}
            flag={flag}
            state={state}
            environmentName={environment.name}
            widthRem={columns.environmentRem}
            className={column}
            pending={switching.includes(environment.key)}
            locked={lockOf(environment, state.on)}
            onSwitch={(on) => onSwitch({ key: flag.key, environment: environment.key, on })}
          />
        ) : (
          <div
            key={environment.key}
            role="cell"
            style={{ width: `${columns.environmentRem}rem` }}
            className={classNames(CELL, column)}
          />
        );
      })}
    </div>
  );
});
