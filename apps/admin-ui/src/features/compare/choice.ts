/** What of a comparison is chosen to be promoted, and what it cannot do without. Pure. */
import type { EntityDiff, Flag } from '@yardarm/contract';
import type { Condition } from '@yardarm/evaluator';
import { counted } from '../../lib/counted.ts';

/** Of a flag or segment: `flag new-checkout`. */
export type EntityId = `${EntityDiff['kind']} ${string}`;

export function idOf({ kind, key }: Pick<EntityDiff, 'kind' | 'key'>): EntityId {
  return `${kind} ${key}`;
}

export function keysOf(chosen: ReadonlySet<EntityId>, kind: EntityDiff['kind']): string[] {
  return [...chosen].flatMap((id) => (id.startsWith(`${kind} `) ? [id.slice(kind.length + 1)] : [])).sort();
}

/** `2 flags and 1 segment`; empty where nothing is chosen. */
export function choiceWords(chosen: ReadonlySet<EntityId>): string {
  return (['flag', 'segment'] as const)
    .map((kind) => ({ kind, n: keysOf(chosen, kind).length }))
    .filter(({ n }) => n > 0)
    .map(({ kind, n }) => counted(n, kind))
    .join(' and ');
}

export interface Missing {
  readonly flag: string;
  readonly segment: string;
}

/** Segments that the rules of chosen flags ask for, in the environment they come from, and that differ and are not chosen. */
export function missingSegments(
  chosen: ReadonlySet<EntityId>,
  items: readonly EntityDiff[],
  flags: readonly Flag[],
  source: string,
): readonly Missing[] {
  const differing = new Set(items.filter(({ kind }) => kind === 'segment').map(({ key }) => key));
  return keysOf(chosen, 'flag').flatMap((key) => {
    const state = flags.find((flag) => flag.key === key)?.environments.find(({ environment }) => environment === source);
    const used = new Set((state?.rules ?? []).flatMap(({ when }) => segmentsIn(when)));
    return [...used]
      .filter((segment) => differing.has(segment) && !chosen.has(`segment ${segment}`))
      .map((segment) => ({ flag: key, segment }));
  });
}

/** Those of the chosen whose difference is another one now: somebody has changed it since. */
export function changedSince(
  chosen: ReadonlySet<EntityId>,
  before: readonly EntityDiff[],
  now: readonly EntityDiff[],
): readonly EntityId[] {
  const textOf = (items: readonly EntityDiff[], id: EntityId) => JSON.stringify(items.find((item) => idOf(item) === id) ?? null);
  return [...chosen].filter((id) => textOf(before, id) !== textOf(now, id));
}

function segmentsIn(condition: Condition): string[] {
  if ('all' in condition) return condition.all.flatMap(segmentsIn);
  if ('any' in condition) return condition.any.flatMap(segmentsIn);
  if ('not' in condition) return segmentsIn(condition.not);
  return 'segment' in condition ? [condition.segment] : [];
}
