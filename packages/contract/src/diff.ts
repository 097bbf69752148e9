/**
 * What differs between two JSON states of a flag, a segment or a setting, in the terms of whoever edits them: rules are
 * the same rule if they have the same id, wherever they stand; the order of tags and keys means nothing. Pure, and total
 * on any JSON. The API answers it and the admin UI draws it.
 */
import { z } from 'zod';

/**
 * One difference. A member left out was not there.
 * `value`: what stood at the path and what stands there now. `elements`: of a list whose order means nothing, those that
 * are gone (`before`) and those that came (`after`). `order`: identities of a list's entries in their order.
 */
export const diffEntry = z.object({
  /** Member names, and of entries of a list their identity: `["rules", "r1", "serve", "variant"]`; empty: the whole. */
  path: z.array(z.string()),
  kind: z.enum(['value', 'elements', 'order']),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
});
export type DiffEntry = z.infer<typeof diffEntry>;

/** How a place is read. Without a shape: objects member by member, anything else as a whole. */
interface Shape {
  /** A list whose order and repetitions mean nothing. */
  readonly set?: true;
  /** Name of the member that identifies an entry of a list. */
  readonly by?: string;
  /** Of an object, or of each entry of a list. */
  readonly members?: { readonly [name: string]: Shape };
}

const SET: Shape = { set: true };
/** Lists are known by their place, never by their name alone: a variant's value may hold anything under `tags`. */
const STATE: Shape = {
  members: {
    prerequisites: { by: 'flag', members: { variants: SET } },
    targets: { by: 'variant', members: { keys: SET } },
    rules: { by: 'id' },
    links: { by: 'url' },
    tags: SET,
    include: SET,
    exclude: SET,
  },
};

/** Empty for equal states. Entries come in the order of the members of `before`, then those that are new. */
export function diff(before: unknown, after: unknown): DiffEntry[] {
  return [...differences(before, after, [], STATE)];
}

/** What stands at the path of a difference; undefined: nothing. */
export function valueAt(state: unknown, path: readonly string[]): unknown {
  let [value, shape] = [state, STATE as Shape | undefined];
  for (const step of path) {
    const entries = shape?.by !== undefined ? entriesOf(value, shape.by) : undefined;
    if (entries !== undefined) {
      value = entries.get(step);
      shape = { members: shape?.members ?? {} };
    } else if (isObject(value) && Object.hasOwn(value, step)) {
      value = value[step];
      shape = memberShape(shape, step);
    } else return undefined;
  }
  return value;
}

/** A place where somebody else was since: what it was before a change, what the change made of it, and what it is now. */
export interface ThreeWayEntry {
  readonly path: readonly string[];
  readonly before: unknown;
  readonly after: unknown;
  readonly current: unknown;
}

/** Every place at which `current` is not `after`; empty exactly where the change's outcome still stands. */
export function diffThreeWays(before: unknown, after: unknown, current: unknown): ThreeWayEntry[] {
  return diff(after, current).map(({ path }) => ({
    path,
    before: valueAt(before, path),
    after: valueAt(after, path),
    current: valueAt(current, path),
  }));
}

function* differences(before: unknown, after: unknown, path: string[], shape: Shape | undefined): Generator<DiffEntry> {
  if (isObject(before) && isObject(after)) return yield* memberDifferences(before, after, path, shape);
  if (shape?.by !== undefined) {
    const [were, are] = [entriesOf(before, shape.by), entriesOf(after, shape.by)];
    if (were !== undefined && are !== undefined)
      return yield* entryDifferences(were, are, path, { members: shape.members ?? {} });
  }
  if (shape?.set === true && isScalarList(before) && isScalarList(after)) return yield* elementDifferences(before, after, path);
  if (!isSame(before, after)) yield { path, kind: 'value', before, after };
}

function* memberDifferences(before: Members, after: Members, path: string[], shape: Shape | undefined): Generator<DiffEntry> {
  for (const name of Object.keys(before)) {
    if (Object.hasOwn(after, name)) yield* differences(before[name], after[name], [...path, name], memberShape(shape, name));
    else yield { path: [...path, name], kind: 'value', before: before[name] };
  }
  for (const name of Object.keys(after))
    if (!Object.hasOwn(before, name)) yield { path: [...path, name], kind: 'value', after: after[name] };
}

function* entryDifferences(before: Entries, after: Entries, path: string[], shape: Shape): Generator<DiffEntry> {
  for (const [id, entry] of before) {
    if (after.has(id)) yield* differences(entry, after.get(id), [...path, id], shape);
    else yield { path: [...path, id], kind: 'value', before: entry };
  }
  const added = [...after.keys()].filter((id) => !before.has(id));
  for (const id of added) yield { path: [...path, id], kind: 'value', after: after.get(id) };
  // An entry that came last, or one that went, leaves the others in their order.
  const [was, is] = [[...before.keys()], [...after.keys()]];
  const undisturbed = [...was.filter((id) => after.has(id)), ...added];
  if (!isSame(undisturbed, is)) yield { path, kind: 'order', before: was, after: is };
}

function* elementDifferences(before: readonly Scalar[], after: readonly Scalar[], path: string[]): Generator<DiffEntry> {
  const [were, are] = [new Set(before), new Set(after)];
  const gone = [...were].filter((element) => !are.has(element));
  const come = [...are].filter((element) => !were.has(element));
  if (gone.length > 0 || come.length > 0) yield { path, kind: 'elements', before: gone, after: come };
}

type Members = { readonly [name: string]: unknown };
type Entries = ReadonlyMap<string, unknown>;
type Scalar = string | number | boolean | null;

/** Entries by identity; undefined unless every entry has one of its own. */
function entriesOf(list: unknown, by: string): Entries | undefined {
  if (!Array.isArray(list)) return undefined;
  const entries = new Map<string, unknown>();
  for (const entry of list) {
    const id = isObject(entry) && Object.hasOwn(entry, by) ? entry[by] : undefined;
    if (typeof id !== 'string') return undefined;
    entries.set(id, entry);
  }
  return entries.size === list.length ? entries : undefined;
}

function memberShape(shape: Shape | undefined, name: string): Shape | undefined {
  return shape?.members !== undefined && Object.hasOwn(shape.members, name) ? shape.members[name] : undefined;
}

function isScalarList(value: unknown): value is readonly Scalar[] {
  return Array.isArray(value) && value.every((element) => typeof element !== 'object' || element === null);
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b) || a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((entry, index) => isSame(entry, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && isSame(a[name], b[name]));
}
