// biome-ignore-all lint/a11y/useSemanticElements: a table by its roles, see flags-table.tsx
// biome-ignore-all lint/a11y/useFocusableInteractive: of a column, what can be pressed is in it
/** The names of the columns of the list of flags; those that it can be sorted by are buttons. */
import type { Environment } from '@yardarm/contract';
import type { ReactNode } from 'react';
import { ENVIRONMENT_LOOKS, EnvironmentName, isProduction } from '../../../components/environment-name.tsx';
import { SortIcon } from '../../../components/ui/icons.tsx';
import { classNames } from '../../../lib/class-names.ts';
import { directionOf, type Sort, type SortBy } from '../list-layout.ts';
import { CREATED_REM, EVALUATED_REM, OWNER_REM, type TableColumns } from '../table-columns.ts';

export interface FlagsHeaderProps {
  readonly columns: TableColumns;
  readonly environments: readonly Environment[];
  /** Whose evaluations are shown. */
  readonly evaluatedIn: Environment | undefined;
  readonly sort: Sort;
  readonly onSort: (by: SortBy) => void;
  /** Selects all. */
  readonly select: ReactNode;
}

const CELL = 'flex shrink-0 items-center gap-1.5 px-3 font-medium';

export function FlagsHeader({ columns, environments, evaluatedIn, sort, onSort, select }: FlagsHeaderProps) {
  const by = (name: SortBy, title: string) => (
    <SortButton direction={directionOf(sort, name)} onPress={() => onSort(name)}>
      {title}
    </SortButton>
  );
  const sorted = (...names: readonly SortBy[]) =>
    names.map((name) => directionOf(sort, name)).find((direction) => direction !== undefined);
  return (
    <div role="row" aria-rowindex={1} className="flex h-9 border-line border-b bg-surface text-ink-faint text-xs">
      <div role="columnheader" className="flex w-8 shrink-0 items-center pl-4">
        {select}
      </div>
      <div
        role="columnheader"
        aria-sort={sorted('key')}
        className="flex min-w-0 flex-1 items-center bg-surface pr-4 pl-3 font-medium in-data-wide:md:sticky in-data-wide:md:left-0 in-data-wide:md:z-1"
      >
        {by('key', 'Flag')}
      </div>
      {columns.owner && (
        <div role="columnheader" aria-sort={sorted('owner', 'expires')} className={CELL} style={{ width: `${OWNER_REM}rem` }}>
          {by('owner', 'Owner')}
          {by('expires', 'Expiry')}
        </div>
      )}
      {columns.created && (
        <div role="columnheader" aria-sort={sorted('created')} className={CELL} style={{ width: `${CREATED_REM}rem` }}>
          {by('created', 'Created')}
        </div>
      )}
      {columns.evaluated && (
        <div
          role="columnheader"
          aria-sort={sorted('evaluated')}
          className={classNames(CELL, 'whitespace-nowrap')}
          style={{ width: `${EVALUATED_REM}rem` }}
          title="When it was last evaluated, how many of the connected instances report, and how often on each of the last 14 days"
        >
          {by('evaluated', 'Evaluated')}
          {/* Its own column says whether it is protected. */}
          {evaluatedIn && (
            <>
              in <EnvironmentName environment={{ ...evaluatedIn, protected: false }} />
            </>
          )}
        </div>
      )}
      {environments.map((environment) => (
        <div
          key={environment.key}
          role="columnheader"
          style={{ width: `${columns.environmentRem}rem` }}
          className={classNames(
            CELL,
            isProduction(environment) &&
              classNames(
                'border-t-2 text-ink',
                ENVIRONMENT_LOOKS[environment.color].edge,
                ENVIRONMENT_LOOKS[environment.color].column,
              ),
          )}
        >
          <EnvironmentName environment={environment} />
        </div>
      ))}
    </div>
  );
}

interface SortButtonProps {
  /** Undefined: it is not sorted by this. */
  readonly direction: 'ascending' | 'descending' | undefined;
  readonly onPress: () => void;
  readonly children: ReactNode;
}

function SortButton({ direction, onPress, children }: SortButtonProps) {
  return (
    <button
      type="button"
      // Two orders may share a column, which says only that it is sorted.
      aria-pressed={direction !== undefined}
      onClick={onPress}
      className={classNames(
        '-mx-1 inline-flex h-6 items-center gap-0.5 rounded px-1 font-medium hover:bg-hover hover:text-ink',
        direction && 'text-ink',
      )}
    >
      {children}
      {direction && <SortIcon className={classNames('size-3 shrink-0', direction === 'descending' && 'rotate-180')} />}
    </button>
  );
}
