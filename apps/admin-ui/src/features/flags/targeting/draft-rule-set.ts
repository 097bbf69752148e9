/** The rule set that an environment would have with an edit in it: for what is wrong with the edit, and for trying it out. */
import type { Flag, Segment } from '@yardarm/contract';
import type { FlagBody, RuleSet, SegmentBody, Split } from '@yardarm/evaluator';
import type { Serve, Targeting } from './targeting.ts';

const STAMP = { revision: 1, tag: '0000000000000000' } as const;

export interface Surroundings {
  readonly environment: string;
  readonly flags: readonly Flag[];
  readonly segments: readonly Segment[];
}

export function draftRuleSet(flag: Flag, now: Targeting, { environment, flags, segments }: Surroundings): RuleSet {
  const bodies: Record<string, FlagBody> = Object.create(null);
  // Only what it needs of thousands: this is asked for with every key that is typed.
  const wanted = now.prerequisites.map((one) => one.flag);
  for (let key = wanted.pop(); key !== undefined; key = wanted.pop()) {
    const other = flags.find((one) => one.key === key);
    const state = other?.environments.find((one) => one.environment === environment);
    if (bodies[key] !== undefined || other === undefined || other.archivedAt !== null || !state) continue;
    bodies[key] = bodyOf(other, state, state.on);
    wanted.push(...state.prerequisites.map((one) => one.flag));
  }
  // On, whatever the kill switch says: an edit is judged by what it does once the flag is on.
  bodies[flag.key] = bodyOf(flag, now, true);
  const members: Record<string, SegmentBody> = Object.create(null);
  for (const { key, environments } of segments) {
    const half = environments.find((one) => one.environment === environment);
    if (half) members[key] = { include: half.include, exclude: half.exclude, when: half.when, ...STAMP };
  }
  return { format: 1, project: '', environment, epoch: '1-draft', revision: 1, flags: bodies, segments: members };
}

function bodyOf({ type, variants, salt }: Flag, targeting: Targeting, on: boolean): FlagBody {
  const { prerequisites, targets, rules, fallthrough, offVariant } = targeting;
  return {
    ...{ type, variants: variants as FlagBody['variants'], on, offVariant, prerequisites, targets },
    rules: rules.map((rule) => ({ ...rule, serve: salted(rule.serve, salt) })),
    fallthrough: fallthrough === null ? null : salted(fallthrough, salt),
    ...STAMP,
  };
}

function salted(serve: Serve, salt: string): { variant: string } | { split: Split } {
  if ('variant' in serve) return serve;
  return { split: { ...serve.split, salt: serve.split.salt ?? salt } };
}
