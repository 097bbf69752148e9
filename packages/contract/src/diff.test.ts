import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DiffEntry, diff, diffThreeWays, valueAt } from './diff.ts';

const rule = (id: string, variant: string) => ({ id, when: { all: [] }, serve: { variant } });

describe('diff', () => {
  it('knows a rule by its id, wherever it stands', () => {
    const before = { rules: [rule('r1', 'on'), rule('r2', 'off')] };
    const after = { rules: [rule('r0', 'on'), rule('r1', 'off'), rule('r2', 'off')] };
    expect(diff(before, after)).toEqual([
      { path: ['rules', 'r1', 'serve', 'variant'], kind: 'value', before: 'on', after: 'off' },
      { path: ['rules', 'r0'], kind: 'value', after: rule('r0', 'on') },
      { path: ['rules'], kind: 'order', before: ['r1', 'r2'], after: ['r0', 'r1', 'r2'] },
    ]);
  });

  it('reports a new order of the same rules as that and nothing else', () => {
    const [a, b] = [rule('a', 'on'), rule('b', 'off')];
    expect(diff({ rules: [a, b] }, { rules: [b, a] })).toEqual([
      { path: ['rules'], kind: 'order', before: ['a', 'b'], after: ['b', 'a'] },
    ]);
  });

  it('leaves the order out where a rule only went or came last', () => {
    const [a, b, c] = [rule('a', 'on'), rule('b', 'on'), rule('c', 'on')];
    expect(diff({ rules: [a, b] }, { rules: [b, c] })).toEqual([
      { path: ['rules', 'a'], kind: 'value', before: a },
      { path: ['rules', 'c'], kind: 'value', after: c },
    ]);
  });

  it('reports keys of a target and tags as what came and what went', () => {
    const before = { tags: ['a', 'b'], targets: [{ variant: 'on', keys: ['u1', 7, '7'] }] };
    const after = { tags: ['c', 'b'], targets: [{ variant: 'on', keys: ['7', 'u1'] }] };
    expect(diff(before, after)).toEqual([
      { path: ['tags'], kind: 'elements', before: ['a'], after: ['c'] },
      { path: ['targets', 'on', 'keys'], kind: 'elements', before: [7], after: [] },
    ]);
  });

  it("takes the lists inside a variant's value as they are: their order is the application's", () => {
    const before = { variants: { on: { tags: ['a', 'b'] } } };
    const after = { variants: { on: { tags: ['b', 'a'] } } };
    expect(diff(before, after)).toEqual([
      { path: ['variants', 'on', 'tags'], kind: 'value', before: ['a', 'b'], after: ['b', 'a'] },
    ]);
  });

  it('compares a list whose identities repeat as a whole', () => {
    const [before, after] = [[rule('a', 'on'), rule('a', 'off')], [rule('a', 'off')]];
    expect(diff({ rules: before }, { rules: after })).toEqual([{ path: ['rules'], kind: 'value', before, after }]);
  });

  it('says that something was made by a difference of the whole', () => {
    expect(diff(undefined, { on: true })).toEqual([{ path: [], kind: 'value', before: undefined, after: { on: true } }]);
  });

  it('gives, applied to what was, what is', () => {
    fc.assert(
      fc.property(state, state, (before, after) => {
        expect(normal(apply(before, diff(before, after)))).toEqual(normal(after));
      }),
      { numRuns: 2_000 },
    );
  });

  it('has no entry for equal states, and one at least for others', () => {
    fc.assert(
      fc.property(state, state, (a, b) => {
        expect(diff(a, structuredClone(a))).toEqual([]);
        expect(diff(a, b).length === 0).toBe(JSON.stringify(normal(a)) === JSON.stringify(normal(b)));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('valueAt', () => {
  it('finds both sides of every difference of a value', () => {
    fc.assert(
      fc.property(state, state, (before, after) => {
        for (const entry of diff(before, after)) {
          if (entry.kind !== 'value') continue;
          expect(valueAt(before, entry.path)).toEqual(entry.before);
          expect(valueAt(after, entry.path)).toEqual(entry.after);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('diffThreeWays', () => {
  it('names each place that is no longer as the change left it', () => {
    const before = { offVariant: 'off', rules: [rule('r1', 'on')] };
    const after = { offVariant: 'off', rules: [rule('r1', 'off')] };
    const current = { offVariant: null, rules: [rule('r1', 'blue')] };
    expect(diffThreeWays(before, after, current)).toEqual([
      { path: ['offVariant'], before: 'off', after: 'off', current: null },
      { path: ['rules', 'r1', 'serve', 'variant'], before: 'on', after: 'off', current: 'blue' },
    ]);
    expect(diffThreeWays(before, after, after)).toEqual([]);
  });
});

const names = ['a', 'b', '__proto__', 'constructor', 'tags', 'rules'];
const name = fc.constantFrom(...names);
const scalar = fc.constantFrom<unknown>('a', 'b', 1, '1', true, null);
const scalars = fc.array(scalar, { maxLength: 4 });
const value = fc.oneof(scalar, scalars, fc.dictionary(name, fc.oneof(scalar, scalars), { maxKeys: 3 }));
const list = (by: string, members: Record<string, fc.Arbitrary<unknown>>) =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.uniqueArray(fc.record({ [by]: name, ...members }), { selector: (entry) => entry[by], maxLength: 4 }),
    },
    // What nobody can write: no identity, or one that repeats.
    { weight: 1, arbitrary: fc.array(fc.oneof(fc.record({ [by]: name, ...members }), value), { maxLength: 3 }) },
  );
const state = fc.record(
  {
    rules: list('id', { when: value, serve: value }),
    targets: list('variant', { keys: scalars }),
    prerequisites: list('flag', { variants: scalars }),
    links: list('url', { title: scalar }),
    tags: fc.oneof(scalars, value),
    include: scalars,
    variants: fc.dictionary(name, value, { maxKeys: 3 }),
    fallthrough: value,
    metadata: value,
  },
  { requiredKeys: [] },
);

/** The state with every list whose order means nothing in one order. */
function normal(input: unknown): unknown {
  const sorted = (list: unknown) =>
    Array.isArray(list) && list.every((entry) => typeof entry !== 'object' || entry === null)
      ? [...new Set(list)].map((entry) => JSON.stringify(entry)).sort()
      : list;
  const { tags, include, targets, prerequisites, ...rest } = input as Record<string, unknown>;
  const inside = (list: unknown, by: string, member: string) =>
    Array.isArray(list) &&
    new Set(list.map((entry) => entry?.[by])).size === list.length &&
    list.every((entry) => typeof entry?.[by] === 'string')
      ? list.map((entry) => (Object.hasOwn(entry, member) ? { ...entry, [member]: sorted(entry[member]) } : entry))
      : list;
  return sortMembers({
    ...rest,
    ...(tags !== undefined && { tags: sorted(tags) }),
    ...(include !== undefined && { include: sorted(include) }),
    ...(targets !== undefined && { targets: inside(targets, 'variant', 'keys') }),
    ...(prerequisites !== undefined && { prerequisites: inside(prerequisites, 'flag', 'variants') }),
  });
}

function sortMembers(input: unknown): unknown {
  if (Array.isArray(input)) return input.map(sortMembers);
  if (typeof input !== 'object' || input === null) return input;
  return Object.fromEntries(
    Object.entries(input)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([member, inner]) => [member, sortMembers(inner)]),
  );
}

const IDENTITIES: Record<string, string> = { rules: 'id', targets: 'variant', prerequisites: 'flag', links: 'url' };

/** Independent of `diff`: carries out what each entry says. */
function apply(before: unknown, entries: readonly DiffEntry[]): unknown {
  return entries.reduce((current, entry) => applyAt(current, entry.path, entry, undefined), structuredClone(before));
}

function applyAt(current: unknown, path: readonly string[], entry: DiffEntry, by: string | undefined): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return replaced(current, entry, by);
  const removes = rest.length === 0 && !('after' in entry);
  if (by !== undefined && Array.isArray(current)) {
    const entries = current as Record<string, unknown>[];
    if (removes) return entries.filter((item) => item[by] !== step);
    if (!entries.some((item) => item[by] === step)) return [...entries, entry.after];
    return entries.map((item) => (item[by] === step ? applyAt(item, rest, entry, undefined) : item));
  }
  const members = Object.entries(current as object).filter(([member]) => !(removes && member === step));
  if (removes) return Object.fromEntries(members);
  const held = members.find(([member]) => member === step);
  // Only the lists at the top have identities.
  const identity = by === undefined && entry.path[0] === step && path.length === entry.path.length ? IDENTITIES[step] : undefined;
  const next = [step, applyAt(held?.[1], rest, entry, identity)];
  return Object.fromEntries(held === undefined ? [...members, next] : members.map((member) => (member === held ? next : member)));
}

function replaced(current: unknown, entry: DiffEntry, by: string | undefined): unknown {
  if (entry.kind === 'value') return entry.after;
  if (entry.kind === 'order')
    return (entry.after as string[]).map((id) =>
      (current as Record<string, unknown>[]).find((item) => item[by as string] === id),
    );
  const gone = new Set(entry.before as unknown[]);
  return [...(current as unknown[]).filter((element) => !gone.has(element)), ...(entry.after as unknown[])];
}
