/** Features that must serve something first. Only those that gate a feature as a whole have a counterpart: our prerequisites. */
import type { FlagConfigurationInput } from '@yardarm/contract';
import { compile, type FlagValue, resolve } from '@yardarm/evaluator';
import { ruleSetOf } from '../rule-set-of.ts';
import type { Scope } from './attribute.ts';
import { conditionOf } from './condition.ts';
import type { ParentCondition } from './shapes.ts';

export interface Parent {
  readonly variants: { readonly [variant: string]: FlagValue };
  /** It may serve null, which here is the code default, of which no prerequisite can ask anything. */
  readonly canBeNull: boolean;
}
export type Parents = (id: string) => Parent | undefined;

export function prerequisitesOf(
  parents: readonly ParentCondition[],
  isFirst: boolean,
  place: string,
  scope: Scope & { readonly parents: Parents },
): FlagConfigurationInput['prerequisites'] {
  return parents.flatMap(({ id, condition, gate }, index) => {
    const at = `${place}/${index}`;
    const parent = scope.parents(id);
    const refuse = (sentence: string) => {
      scope.refuse(at, sentence);
      return [];
    };
    if (gate !== true || !isFirst)
      return refuse(`It asks for feature '${id}' in one rule; here a flag asks for others before all of its rules.`);
    if (parent === undefined) return refuse(`Feature '${id}' is not in the file; export it too.`);
    const holds = passing(condition, at, scope);
    const variants = Object.entries(parent.variants).flatMap(([name, value]) => (holds({ value }) ? [name] : []));
    if (variants.length === 0) return refuse(`Feature '${id}' never serves what is asked of it.`);
    if (parent.canBeNull && holds({}))
      return refuse(`Feature '${id}' passes with null too, which here is no variant, so that it would not pass.`);
    return [{ flag: id, variants }];
  });
}

/** The condition as a test of a value, by what our rules make of it. */
function passing(
  condition: ParentCondition['condition'],
  place: string,
  scope: Scope,
): (context: { readonly value?: FlagValue }) => boolean {
  const when = conditionOf(condition, `${place}/condition`, scope);
  const configuration = { on: true, offVariant: null, prerequisites: [], targets: [], fallthrough: null };
  const rule = { id: 'r', when, serve: { variant: 'yes' } };
  const rules = compile(
    ruleSetOf([{ key: 'f', type: 'boolean', variants: { yes: true }, configuration: { ...configuration, rules: [rule] } }], []),
  );
  return (context) => resolve(rules, 'f', 'boolean', context, 0).value === true;
}
