/** Which columns of the list of flags there is room for: a key that is cut off after three letters names no flag. Widths in rem. Pure. */

const SELECT_REM = 2;
const LEAST_FLAG_REM = 13;
export const OWNER_REM = 9.5;
export const EVALUATED_REM = 11.75;

export interface TableColumns {
  readonly owner: boolean;
  readonly evaluated: boolean;
  readonly environmentRem: number;
  /** Of the whole table. */
  readonly leastRem: number;
  /** Whether that is no wider than there is room, so that nothing has to be scrolled to. */
  readonly fit: boolean;
}

/** From what shows most to what shows least. */
const LAYOUTS = [
  { owner: true, evaluated: true, environmentRem: 10.25 },
  { owner: true, evaluated: true, environmentRem: 8.5 },
  { owner: true, evaluated: false, environmentRem: 8.5 },
  { owner: false, evaluated: false, environmentRem: 8.5 },
] as const;

export function tableColumns(roomRem: number, environments: number): TableColumns {
  const layouts = LAYOUTS.map((layout) => {
    const { owner, evaluated, environmentRem } = layout;
    const besideRem = (owner ? OWNER_REM : 0) + (evaluated ? EVALUATED_REM : 0) + environments * environmentRem;
    const leastRem = SELECT_REM + LEAST_FLAG_REM + besideRem;
    return { ...layout, leastRem, fit: leastRem <= roomRem };
  });
  return layouts.find(({ fit }) => fit) ?? (layouts.at(-1) as TableColumns);
}
