/** What differs between two sets of bodies. Pure; reads stored text and nothing else. */
import { diff, type EntityDiff, type EnvironmentComparison } from '@yardarm/contract';
import type { FlagConfiguration } from '@yardarm/evaluator';
import type { TextAt } from '../changes/load-texts-at.ts';

/** Between two revisions of one environment. Texts that differ only in what means nothing are equal. */
export function compareRevisions(from: readonly TextAt[], to: readonly TextAt[]): EntityDiff[] {
  return compare(from, to, ({ body }) => withEmptyLists(JSON.parse(body) as object));
}

/**
 * Between two environments: what a copy carries over, `before` as in `from` and `after` as in `to` (so that a copy from `to`
 * makes exactly these changes in `from`), and which flags are on in only one of them.
 */
export function compareEnvironments(from: readonly TextAt[], to: readonly TextAt[]): Pick<EnvironmentComparison, 'items' | 'on'> {
  const toOn = new Map(flagsOf(to).map(({ key, on }) => [key, on]));
  return {
    items: compare(from, to, toCopied),
    on: flagsOf(from).flatMap(({ key, on }) => {
      const there = toOn.get(key);
      return there === undefined || there === on ? [] : [{ flag: key, from: on, to: there }];
    }),
  };
}

function compare(from: readonly TextAt[], to: readonly TextAt[], read: (text: TextAt) => object): EntityDiff[] {
  const was = byId(from);
  const is = byId(to);
  const items: EntityDiff[] = [];
  for (const [id, before] of was) {
    const { kind, key } = before;
    const after = is.get(id);
    if (after === undefined) items.push({ kind, key, change: 'removed', diff: diff(read(before), undefined) });
    else if (after.body !== before.body) {
      const entries = diff(read(before), read(after));
      if (entries.length > 0) items.push({ kind, key, change: 'changed', diff: entries });
    }
  }
  for (const [id, after] of is)
    if (!was.has(id)) items.push({ kind: after.kind, key: after.key, change: 'added', diff: diff(undefined, read(after)) });
  return items.sort((a, b) => (`${a.kind} ${a.key}` < `${b.kind} ${b.key}` ? -1 : 1));
}

function byId(texts: readonly TextAt[]): ReadonlyMap<string, TextAt> {
  return new Map(texts.map((text) => [`${text.kind}:${text.key}`, text]));
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

function flagsOf(texts: readonly TextAt[]): { key: string; on: boolean }[] {
  return texts.flatMap(({ kind, key, body }) =>
    kind === 'flag' ? [{ key, on: (JSON.parse(body) as FlagConfiguration).on }] : [],
  );
}
