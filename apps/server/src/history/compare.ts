/** What differs between two sets of bodies, in slices: thousands may. Reads stored text and nothing else. */
import { diff, type EntityDiff, type EnvironmentComparison } from '@yardarm/contract';
import type { FlagConfiguration } from '@yardarm/evaluator';
import type { TextAt } from '../changes/load-texts-at.ts';
import { mapInSlices } from '../delivery/in-slices.ts';

/** Between two revisions of one environment. Texts that differ only in what means nothing are equal. */
export function compareRevisions(from: readonly TextAt[], to: readonly TextAt[]): Promise<EntityDiff[]> {
  return compare(from, to, ({ body }) => withEmptyLists(JSON.parse(body) as object));
}

/**
 * Between two environments: what a copy carries over, `before` as in `from` and `after` as in `to` (so that a copy from `to`
 * makes exactly these changes in `from`), and which flags are on in only one of them.
 */
export async function compareEnvironments(
  from: readonly TextAt[],
  to: readonly TextAt[],
): Promise<Pick<EnvironmentComparison, 'items' | 'on'>> {
  const toOn = new Map((await flagsOf(to)).map(({ key, on }) => [key, on]));
  return {
    items: await compare(from, to, toCopied),
    on: (await flagsOf(from)).flatMap(({ key, on }) => {
      const there = toOn.get(key);
      return there === undefined || there === on ? [] : [{ flag: key, from: on, to: there }];
    }),
  };
}

async function compare(from: readonly TextAt[], to: readonly TextAt[], read: (text: TextAt) => object): Promise<EntityDiff[]> {
  const was = byId(from);
  const is = byId(to);
  const left = await mapInSlices(was, ([id, before]): EntityDiff[] => {
    const { kind, key } = before;
    const after = is.get(id);
    if (after === undefined) return [{ kind, key, change: 'removed', diff: diff(read(before), undefined) }];
    const entries = after.body === before.body ? [] : diff(read(before), read(after));
    return entries.length === 0 ? [] : [{ kind, key, change: 'changed', diff: entries }];
  });
  const added = to.filter((text) => !was.has(idOf(text)));
  const right = await mapInSlices(added, (after): EntityDiff => {
    return { kind: after.kind, key: after.key, change: 'added', diff: diff(undefined, read(after)) };
  });
  return [...left.flat(), ...right].sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
}

function idOf({ kind, key }: Pick<TextAt, 'kind' | 'key'>): string {
  return `${kind} ${key}`;
}

function byId(texts: readonly TextAt[]): ReadonlyMap<string, TextAt> {
  return new Map(texts.map((text) => [idOf(text), text]));
}

/** Bodies leave empty lists out; a first rule would seem to bring the list with it. */
function withEmptyLists(body: object): object {
  return 'fallthrough' in body ? { prerequisites: [], targets: [], rules: [], ...body } : body;
}

/** The members that a copy carries over. */
function toCopied({ kind, body }: TextAt): object {
  const configuration = JSON.parse(body) as FlagConfiguration;
  if (kind === 'segment') return configuration;
  const { offVariant, prerequisites = [], targets = [], rules = [], fallthrough } = configuration;
  return { offVariant, prerequisites, targets, rules, fallthrough };
}

function flagsOf(texts: readonly TextAt[]): Promise<{ key: string; on: boolean }[]> {
  const flags = texts.filter(({ kind }) => kind === 'flag');
  return mapInSlices(flags, ({ key, body }) => ({ key, on: (JSON.parse(body) as FlagConfiguration).on }));
}
