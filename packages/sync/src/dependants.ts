/**
 * Which flags a change can reach: through prerequisites and segments, and through instants that time rules
 * name. Reads bodies as untrusted JSON, because it also runs over those that the evaluator could not read.
 */
import { isObject } from './is-object.ts';

/** What a body refers to; ids are those of `idOf`. */
export interface Links {
  readonly uses: readonly string[];
  /** Epoch milliseconds that `now` conditions compare with. */
  readonly instants: readonly number[];
}

interface Linked {
  readonly key: string;
  readonly kind: 'flag' | 'segment';
  readonly body: unknown;
  /** Found on first use, by `linksIn`. */
  links: Links | undefined;
}

/** `flag:<key>` or `segment:<key>`. */
export function idOf({ kind, key }: Pick<Linked, 'kind' | 'key'>): string {
  return `${kind}:${key}`;
}

/** The links of an entry's body, which are looked for once. */
export function linksIn(entry: Linked): Links {
  entry.links ??= linksOf(entry.body);
  return entry.links;
}

/** The links of one flag or segment body. Iterative: the depth of a hostile body must not become a deep stack. */
export function linksOf(body: unknown): Links {
  if (!isObject(body)) return { uses: [], instants: [] };
  const uses = new Set<string>();
  const instants = new Set<number>();
  for (const prerequisite of listOf(body.prerequisites)) {
    if (isObject(prerequisite) && typeof prerequisite.flag === 'string') uses.add(`flag:${prerequisite.flag}`);
  }
  const conditions: unknown[] = [body.when, ...listOf(body.rules).map((rule) => (isObject(rule) ? rule.when : undefined))];
  // Grows on the way. Pushed one by one: a long list spread into arguments would exhaust the stack.
  for (const condition of conditions) {
    if (!isObject(condition)) continue;
    if (typeof condition.segment === 'string') uses.add(`segment:${condition.segment}`);
    if (condition.now !== undefined) {
      for (const instant of listOf(condition.values)) if (typeof instant === 'number') instants.add(instant);
    }
    conditions.push(condition.not);
    for (const parts of [condition.all, condition.any]) for (const part of listOf(parts)) conditions.push(part);
  }
  return { uses: [...uses], instants: [...instants] };
}

/** Keys of all flags whose answer the named bodies can change, themselves included; sorted. */
export function flagsReached(changedIds: Iterable<string>, entries: readonly Linked[]): readonly string[] {
  const reached = new Set(changedIds);
  const usersOf = new Map<string, string[]>();
  // Most changes are of flags that nothing depends on.
  if (reached.size > 0 && entries.some((entry) => linksIn(entry).uses.some((used) => reached.has(used)))) {
    for (const entry of entries) {
      for (const used of linksIn(entry).uses) {
        const users = usersOf.get(used);
        if (users === undefined) usersOf.set(used, [idOf(entry)]);
        else users.push(idOf(entry));
      }
    }
  }
  // A set iterates over what is added on the way, so this walks to the end of every chain.
  for (const id of reached) for (const user of usersOf.get(id) ?? []) reached.add(user);
  return [...reached]
    .filter((id) => id.startsWith('flag:'))
    .map((id) => id.slice('flag:'.length))
    .sort();
}

/** Keys of the flags whose time rules name an instant in (fromMs, toMs], and of those that depend on them; sorted. */
export function flagsCrossing(entries: readonly Linked[], fromMs: number, toMs: number): readonly string[] {
  const crossing = entries.filter((entry) => linksIn(entry).instants.some((instant) => instant > fromMs && instant <= toMs));
  return flagsReached(crossing.map(idOf), entries);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
