/** Who gets what in one environment: the part of a flag's configuration that is edited together and published at once. */
import type { FlagEnvironment } from '@yardarm/contract';

const MEMBERS = ['prerequisites', 'targets', 'rules', 'fallthrough', 'offVariant'] as const;
export type Targeting = Pick<FlagEnvironment, (typeof MEMBERS)[number]>;
export type Rule = Targeting['rules'][number];
export type Target = Targeting['targets'][number];
export type Prerequisite = Targeting['prerequisites'][number];
export type Serve = NonNullable<Targeting['fallthrough']>;

export interface TargetingDraft {
  /** What it was made from, and that version of it. */
  readonly before: Targeting;
  readonly version: number;
  readonly now: Targeting;
}

export function toTargeting({ prerequisites, targets, rules, fallthrough, offVariant }: FlagEnvironment): Targeting {
  return { prerequisites, targets, rules, fallthrough, offVariant };
}

/** The members that an edit changed, which are all that is sent. Empty: it changes nothing. */
export function editedMembers({ before, now }: TargetingDraft): Partial<Targeting> {
  const edited = MEMBERS.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(now[name]));
  return Object.fromEntries(edited.map((name) => [name, now[name]]));
}

/** The draft after an edit; null where it is back at what it was made from, so that what others publish is shown again. */
export function withEdit(draft: TargetingDraft | null, state: FlagEnvironment, now: Targeting): TargetingDraft | null {
  const next = { before: toTargeting(state), version: state.version, ...draft, now };
  return Object.keys(editedMembers(next)).length === 0 ? null : next;
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
