/** Random change sets of one environment, as rows of `rule_objects`: what people do to flags and segments. */
import type { Condition, FlagConfiguration, Rule } from '@yardarm/evaluator';
import { tagOf, toStoredText } from '../../ruleset/build.ts';
import type { StoredObject } from '../../ruleset/environment-rules.ts';
import type { Random } from './random.ts';

export const FLAG_KEYS = ['a', 'b', 'c', 'd', 'e', 'f'] as const;
const SEGMENT_KEYS = ['s', 't'] as const;
const COLOURS = ['red', 'green', 'blue'] as const;
export const UNITS = ['user-1', 'user-2'] as const;
/** Epoch milliseconds at which every world begins. */
export const WALL_START_MS = 1_800_000_000_000;
/** When time rules change their answers: while a run lasts. */
export const BOUNDARY_MS = WALL_START_MS + 40_000;

/** By kind and key; only what exists. */
export type Bodies = ReadonlyMap<string, StoredObject>;

export interface EditOptions {
  readonly revision: number;
  readonly before: Bodies;
  /** Characters that every flag carries with it, so that frames and rule sets have a size. */
  readonly paddingChars: number;
  /** Whether some bodies come from a newer server, so that no SDK can read them. */
  readonly unreadable: boolean;
}

/** What one change set makes of the bodies; empty where it touches none. */
export function randomEdit(random: Random, options: EditOptions): readonly StoredObject[] {
  const { revision, before, unreadable } = options;
  const roll = random.next();
  if (roll < 0.05) return [];
  if (roll < 0.2) return switchFlag(random, options, false);
  if (roll < 0.3) return switchFlag(random, options, true);
  if (roll < 0.38) {
    const object = random.any([...before.values()]);
    return object === undefined ? [] : [{ ...object, revision, body: null, tag: tagOf(null) }];
  }
  if (roll < 0.5) {
    const text = toStoredText({ include: [random.pick(UNITS)], exclude: [], when: null });
    return [objectOf('segment', random.pick(SEGMENT_KEYS), revision, text)];
  }
  if (unreadable && roll < 0.6) {
    const text = toStoredText({ ...randomFlag(random, options), requires: ['telepathy'] });
    return [objectOf('flag', random.pick(FLAG_KEYS), revision, text)];
  }
  const keys = roll < 0.9 ? [random.pick(FLAG_KEYS)] : FLAG_KEYS.filter(() => random.chance(0.6));
  return keys.map((key) => objectOf('flag', key, revision, toStoredText(randomFlag(random, options))));
}

/** Kills one flag that is on, if there is one. */
export function killAny(random: Random, options: EditOptions): readonly StoredObject[] {
  return switchFlag(random, options, false);
}

function switchFlag(random: Random, { revision, before }: EditOptions, on: boolean): readonly StoredObject[] {
  const candidates = [...before.values()].flatMap(({ kind, key, body }) => {
    const flag = kind === 'flag' && body !== null ? (JSON.parse(body) as FlagConfiguration) : undefined;
    return flag !== undefined && flag.on !== on ? [{ key, flag }] : [];
  });
  const chosen = random.any(candidates);
  return chosen === undefined ? [] : [objectOf('flag', chosen.key, revision, toStoredText({ ...chosen.flag, on }))];
}

function randomFlag(random: Random, { paddingChars }: EditOptions): FlagConfiguration {
  const value = random.pick(COLOURS);
  return {
    type: 'string',
    variants: { off: 'off', shown: value, matched: `${value} where it matches` },
    on: random.chance(0.8),
    offVariant: random.chance(0.8) ? 'off' : null,
    ...(random.chance(0.5) && { rules: [randomRule(random)] }),
    fallthrough: { variant: 'shown' },
    ...(paddingChars > 0 && { metadata: { padding: 'x'.repeat(paddingChars) } }),
    ...(random.chance(0.6) && { clientSide: true }),
  };
}

function randomRule(random: Random): Rule {
  const when: Condition = random.pick<Condition>([
    { segment: random.pick(SEGMENT_KEYS) },
    { now: random.chance(0.5) ? 'before' : 'after', values: [BOUNDARY_MS] },
    { attribute: 'targetingKey', op: 'equals', values: [random.pick(UNITS)] },
  ]);
  return { id: 'r1', when, serve: { variant: 'matched' } };
}

function objectOf(kind: StoredObject['kind'], key: string, revision: number, body: string): StoredObject {
  return { revision, kind, key, body, tag: tagOf(body) };
}
