/** Which columns of the list of flags there is room for: a key that is cut off after three letters names no flag. Widths in rem. Pure. */
import type { ChosenColumns } from './list-layout.ts';

const SELECT_REM = 2;
const LEAST_FLAG_REM = 13;
export const OWNER_REM = 9.5;
export const CREATED_REM = 7;
export const EVALUATED_REM = 11.75;

export interface TableColumns {
  readonly owner: boolean;
  readonly created: boolean;
  readonly evaluated: boolean;
  readonly environmentRem: number;
  /** Of the whole table. */
  readonly leastRem: number;
  /** Whether that is no wider than there is room, so that nothing has to be scrolled to. */
  readonly fit: boolean;
}

/** From what shows most to what shows least. */
const LAYOUTS = [
  { owner: true, created: true, evaluated: true, environmentRem: 10.25 },
  { owner: true, created: true, evaluated: true, environmentRem: 8.5 },
  { owner: true, created: false, evaluated: true, environmentRem: 8.5 },
  { owner: true, created: false, evaluated: false, environmentRem: 8.5 },
  { owner: false, created: false, evaluated: false, environmentRem: 8.5 },
] as const;

/** Of the columns that are chosen; `environments`: how many of them. */
export function tableColumns(
  roomRem: number,
  chosen: Pick<ChosenColumns, 'owner' | 'created' | 'evaluated'>,
  environments: number,
): TableColumns {
  const layouts = LAYOUTS.map((layout) => {
    const owner = chosen.owner && layout.owner;
    const created = chosen.created && layout.created;
    const evaluated = chosen.evaluated && layout.evaluated;
    const { environmentRem } = layout;
    const besideRem = (owner ? OWNER_REM : 0) + (created ? CREATED_REM : 0) + (evaluated ? EVALUATED_REM : 0);
    const leastRem = SELECT_REM + LEAST_FLAG_REM + besideRem + environments * environmentRem;
    return { owner, created, evaluated, environmentRem, leastRem, fit: leastRem <= roomRem };
  });
  return layouts.find(({ fit }) => fit) ?? (layouts.at(-1) as TableColumns);
}

/** The environment with the key `first` before the others; where it is left out, it stays so. */
export function withFirst<T extends { readonly key: string }>(
  environments: readonly T[],
  first: string | undefined,
): readonly T[] {
  const found = environments.find(({ key }) => key === first);
  return found ? [found, ...environments.filter((one) => one !== found)] : environments;
}
