/** Who gets what in one environment: the part of a flag's configuration that is edited together and published at once. */
import type { FlagEnvironment } from '@yardarm/contract';
import type { Draft } from '../../../lib/draft.ts';

export type Targeting = Pick<FlagEnvironment, 'prerequisites' | 'targets' | 'rules' | 'fallthrough' | 'offVariant'>;
export type Rule = Targeting['rules'][number];
export type Target = Targeting['targets'][number];
export type Prerequisite = Targeting['prerequisites'][number];
export type Serve = NonNullable<Targeting['fallthrough']>;

export type TargetingDraft = Draft<Targeting>;

export function toTargeting({ prerequisites, targets, rules, fallthrough, offVariant }: Targeting): Targeting {
  return { prerequisites, targets, rules, fallthrough, offVariant };
}

/** A rule that catches nobody until it is edited. */
export function newRule(rules: readonly Rule[], variant: string): Rule {
  const taken = new Set(rules.map(({ id }) => id));
  let number = rules.length + 1;
  while (taken.has(`rule-${number}`)) number++;
  return { id: `rule-${number}`, when: { attribute: '', op: 'equals', values: [] }, serve: { variant } };
}

export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const rest = without(list, from);
  return [...rest.slice(0, to), ...list.slice(from, from + 1), ...rest.slice(to)];
}

export function replaced<T>(list: readonly T[], index: number, item: T): T[] {
  return list.map((one, at) => (at === index ? item : one));
}

export function without<T>(list: readonly T[], index: number): T[] {
  return list.filter((_, at) => at !== index);
}
