/** flagd's targeting as a list of decisions, of which the first that holds counts; the last one always holds. */

import type { ServeInput } from '@yardarm/contract';
import type { Condition } from '@yardarm/evaluator';
import { ALWAYS, allOf, anyOf, isAlways, isNever, not } from '../conditions.ts';
import { isMembers, step } from '../read-document.ts';
import { sameJson } from '../same-flag.ts';
import { Untranslatable } from '../untranslatable.ts';
import { splitOf } from './fractional.ts';
import { conditionOf, falsehoodOf, followed, operationOf, type Scope } from './logic-conditions.ts';
import { exportedSplit } from './own-export.ts';

export interface Decision {
  readonly when: Condition;
  /** Null: the default variant. */
  readonly serve: ServeInput | null;
}

/** Our name of a variant of flagd; throws Untranslatable for one that the flag does not have. */
export type NameVariant = (variant: unknown, place: string) => string;

export function decisionsOf(json: unknown, from: string, scope: Scope, nameOf: NameVariant): readonly Decision[] {
  const { logic, place } = followed(json, from, scope);
  if (logic === null || (isMembers(logic) && Object.keys(logic).length === 0)) return [{ when: ALWAYS, serve: null }];
  const operation = operationOf(logic, place, scope);
  if (operation === undefined) return [{ when: ALWAYS, serve: { variant: nameOf(logic, place) } }];
  const { name, args, place: at } = operation;
  const split = name === 'if' && !scope.hasDefault ? exportedSplit(args) : undefined;
  if (split !== undefined) {
    const weights = split.weights.map(([variant, weight]): [string, number] => [nameOf(variant, at), weight]);
    return [{ when: ALWAYS, serve: { split: { ...split, weights } } }];
  }
  if (name === 'if' || name === '?:') return branches(args);
  if (name === 'fractional') {
    const { when, serve } = splitOf(args, at, scope, nameOf);
    return [
      { when, serve },
      { when: ALWAYS, serve: null },
    ];
  }
  const condition = conditionOf(logic, place, scope);
  const served = (value: boolean) => ({ variant: nameOf(value, at) });
  const fails = falsehoodOf(logic, place, scope);
  // What it does not know, such as the order of something that is no version, is null, and gets the default variant.
  if (fails !== undefined)
    return [
      { when: condition, serve: served(true) },
      { when: sameJson(fails, not(condition)) ? ALWAYS : fails, serve: served(false) },
      { when: ALWAYS, serve: null },
    ];
  throw new Untranslatable(at, `'${name}' gives no variant that is known before it is evaluated; write it inside an 'if'.`);

  function branches(parts: readonly unknown[], from = 0): readonly Decision[] {
    const at = operation?.place ?? place;
    if (from >= parts.length) return [{ when: ALWAYS, serve: null }];
    if (from === parts.length - 1) return decisionsOf(parts[from], at + step(from), scope, nameOf);
    const condition = conditionOf(parts[from], at + step(from), scope);
    const inside = decisionsOf(parts[from + 1], at + step(from + 1), scope, nameOf);
    return [...inside.map(({ when, serve }) => ({ when: allOf([condition, when]), serve })), ...branches(parts, from + 2)];
  }
}

/** Rules and fallthrough. Without a default variant nothing can be served by name, so that those to whom it goes are kept out of later rules. */
export function rulesOf(decisions: readonly Decision[], defaultVariant: string | null) {
  const rules: { id: string; when: Condition; serve: ServeInput }[] = [];
  const fallthrough = defaultVariant === null ? null : { variant: defaultVariant };
  let taken: Condition = anyOf([]);
  for (const { when, serve } of decisions) {
    if (isNever(when)) continue;
    const outcome = serve ?? fallthrough;
    if (outcome === null) taken = anyOf([taken, when]);
    const left = isNever(taken) ? when : allOf([not(taken), when]);
    if (isAlways(when) && (isNever(taken) || outcome === null)) return { rules, fallthrough: outcome };
    if (outcome !== null) rules.push({ id: `r${rules.length + 1}`, when: left, serve: outcome });
    if (isAlways(when)) break;
  }
  return { rules, fallthrough: null };
}
