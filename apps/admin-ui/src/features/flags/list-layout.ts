/**
 * In which order the list of flags stands, and which columns it has. Both are search parameters, so that they are sent along with a link
 * and kept with a saved view. Pure.
 */
import type { Flag } from '@yardarm/contract';

export const SORTS = ['key', 'owner', 'expires', 'created', 'evaluated'] as const;
export type SortBy = (typeof SORTS)[number];
/** With a minus, from the last to the first. */
export type Sort = SortBy | `-${SortBy}`;
export const DEFAULT_SORT: Sort = 'key';

export interface ListLayout {
  /** Absent: by key. */
  readonly sort?: Sort;
  /** What is other than usual, with commas between: `created` is there, `-owner`, `-evaluated` and `-in:staging` are not. */
  readonly columns?: string;
}

export interface ChosenColumns {
  readonly owner: boolean;
  readonly created: boolean;
  readonly evaluated: boolean;
  /** Keys of the environments that are left out. */
  readonly without: ReadonlySet<string>;
}

export type ColumnName = 'owner' | 'created' | 'evaluated' | { readonly environment: string };

/** Of what an address says; what it does not know is dropped. */
export function parseListLayout(search: { readonly sort?: unknown; readonly columns?: unknown }): ListLayout {
  const sort = typeof search.sort === 'string' && isSort(search.sort) && search.sort !== DEFAULT_SORT ? search.sort : undefined;
  const columns = typeof search.columns === 'string' ? toColumns(chosenColumns(search.columns)) : '';
  return { ...(sort && { sort }), ...(columns !== '' && { columns }) };
}

export function directionOf(sort: Sort, by: SortBy): 'ascending' | 'descending' | undefined {
  if (sort === by) return 'ascending';
  return sort === `-${by}` ? 'descending' : undefined;
}

/** What pressing the name of a column leads to: ascending, descending, and as usual. */
export function nextSort(sort: Sort, by: SortBy): Sort {
  const direction = directionOf(sort, by);
  if (direction === undefined) return by;
  return direction === 'ascending' ? `-${by}` : DEFAULT_SORT;
}

export function chosenColumns(columns = ''): ChosenColumns {
  const words = new Set(columns.split(','));
  const without = [...words]
    .filter((word) => word.startsWith(WITHOUT) && word !== WITHOUT)
    .map((word) => word.slice(WITHOUT.length));
  return {
    owner: !words.has('-owner'),
    created: words.has('created'),
    evaluated: !words.has('-evaluated'),
    without: new Set(without),
  };
}

/** The same with that column shown, or left out. */
export function withColumn(columns: string | undefined, name: ColumnName, shown: boolean): string {
  const chosen = chosenColumns(columns);
  if (typeof name === 'string') return toColumns({ ...chosen, [name]: shown });
  const without = new Set(chosen.without);
  if (shown) without.delete(name.environment);
  else without.add(name.environment);
  return toColumns({ ...chosen, without });
}

/**
 * A new list. `lastEvaluated` in milliseconds; undefined: never, which counts as longest ago. Who has no owner or no expiry comes last in
 * either direction; what is equal stands by key.
 */
export function sortFlags<T>(
  items: readonly T[],
  sort: Sort,
  { flagOf, lastEvaluated }: { readonly flagOf: (item: T) => Flag; readonly lastEvaluated: (key: string) => number | undefined },
): T[] {
  const descending = sort.startsWith('-');
  const by = (descending ? sort.slice(1) : sort) as SortBy;
  const sortedBy = (flag: Flag): string | number | null => {
    switch (by) {
      case 'key':
        return flag.key;
      case 'owner':
        return flag.owner;
      case 'expires':
        return flag.expiresOn;
      case 'created':
        return Date.parse(flag.createdAt);
      case 'evaluated':
        return lastEvaluated(flag.key) ?? Number.NEGATIVE_INFINITY;
    }
  };
  return items
    .map((item) => ({ item, key: flagOf(item).key, value: sortedBy(flagOf(item)) }))
    .sort((a, b) => {
      if (a.value === null || b.value === null)
        return Number(a.value === null) - Number(b.value === null) || compare(a.key, b.key);
      return (descending ? compare(b.value, a.value) : compare(a.value, b.value)) || compare(a.key, b.key);
    })
    .map(({ item }) => item);
}

const WITHOUT = '-in:';

function toColumns({ owner, created, evaluated, without }: ChosenColumns): string {
  const words = [!owner && '-owner', created && 'created', !evaluated && '-evaluated'].filter((word) => word !== false);
  return [...words, ...[...without].sort().map((environment) => `${WITHOUT}${environment}`)].join(',');
}

function isSort(text: string): text is Sort {
  return SORTS.some((by) => text === by || text === `-${by}`);
}

function compare(a: string | number, b: string | number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
