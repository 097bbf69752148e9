/**
 * flagd's `fractional` is the arithmetic of our hash 2, over a text of its own: where that text is `salt:unit` everybody keeps the bucket, else
 * the split is dealt anew. Whoever has no unit gets the default variant there.
 */
import type { ServeInput } from '@yardarm/contract';
import { type Condition, WEIGHT_SCALE } from '@yardarm/evaluator';
import { allOf, isOneOf, isText, not, test } from '../conditions.ts';
import { rebucketed, weightsOf } from '../re-bucketed.ts';
import { step } from '../read-document.ts';
import { Untranslatable } from '../untranslatable.ts';
import type { NameVariant } from './decisions.ts';
import { FLAG_KEY, operationOf, type Scope, variableOf } from './logic-conditions.ts';

/** What the shares of flagd's splits may add up to. */
const MOST = 2_147_483_647;

interface Unit {
  readonly by: string;
  /** Undefined: the hashed text is not of our form. */
  readonly salt: string | undefined;
  /** Who has a unit. */
  readonly when: Condition;
}

export function splitOf(
  args: readonly unknown[],
  place: string,
  scope: Scope,
  nameOf: NameVariant,
): { readonly when: Condition; readonly serve: ServeInput } {
  const hasUnit = !Array.isArray(args[0]);
  const { by, salt, when } = hasUnit ? unitOf(args[0], place + step(0), scope) : targetingUnit();
  const shares = args
    .slice(hasUnit ? 1 : 0)
    .map((share, index) => shareOf(share, place + step(index + (hasUnit ? 1 : 0)), nameOf));
  const weights = weightsOf(shares);
  const sum = shares.reduce((total, [, share]) => total + share, 0);
  if (sum > MOST)
    throw new Untranslatable(place, `The shares add up to more than ${MOST}, for which flagd never gives a variant.`);
  if (weights === null) throw new Untranslatable(place, 'The shares of this split are all 0, so that it never gives a variant.');
  const isExact = shares.every(([, share], index) => share * WEIGHT_SCALE === (weights[index]?.[1] ?? 0) * sum);
  if (salt === undefined) scope.remark('re-bucketed', place, rebucketed(place, sharesByVariant(shares)).sentence);
  else if (!isExact)
    scope.remark('re-bucketed', place, `Shares are rounded to 0.001 %: of a hundred thousand units a few move, all others stay.`);
  return { when, serve: { split: { by, ...(salt !== undefined && { salt }), hash: 2, weights } } };
}

function sharesByVariant(shares: readonly (readonly [variant: string, share: number])[]): number[] {
  const sums = new Map<string, number>();
  for (const [variant, share] of shares) sums.set(variant, (sums.get(variant) ?? 0) + share);
  return [...sums.values()];
}

/** Without a first argument flagd hashes the key of the flag and the targeting key, with nothing between them. */
function targetingUnit(): Unit {
  return { by: 'targetingKey', salt: undefined, when: isFilledText('targetingKey') };
}

function unitOf(logic: unknown, place: string, scope: Scope): Unit {
  const direct = variableOf(logic, place, scope);
  if (direct !== undefined && direct.otherwise === null && !direct.path.startsWith('$'))
    return { by: direct.path, salt: undefined, when: isFilledText(direct.path) };
  const operation = operationOf(logic, place, scope);
  if (operation?.name !== 'cat')
    throw new Untranslatable(place, "The hashed text comes over as an attribute, or as 'cat' of texts and one attribute.");
  const parts = operation.args.map((part, index) => {
    if (typeof part === 'string') return { text: part };
    const read = variableOf(part, operation.place + step(index), scope);
    if (read?.path === FLAG_KEY) return { text: scope.flagKey };
    if (read === undefined || read.otherwise !== null || read.path.startsWith('$'))
      throw new Untranslatable(operation.place + step(index), 'Only texts and attributes come over as parts of the hashed text.');
    return { path: read.path };
  });
  const paths = parts.flatMap((part) => ('path' in part ? [part.path] : []));
  const [by] = paths;
  if (by === undefined || paths.length > 1)
    throw new Untranslatable(operation.place, 'The hashed text holds one attribute; a split here is by exactly one.');
  const at = parts.findIndex((part) => 'path' in part);
  const text = (some: typeof parts) => some.map((part) => ('text' in part ? part.text : '')).join('');
  const [before, after] = [text(parts.slice(0, at)), text(parts.slice(at + 1))];
  scope.remark(
    'changes-meaning',
    operation.place,
    `Who has no '${by}' gets the default variant here, and in flagd one of the others, all of them the same; a fraction or a list in it gets the default of the code here.`,
  );
  const isOurs = after === '' && before.endsWith(':') && before.length > 1 && before.length <= 129 && /^[ -~]*$/.test(before);
  return {
    by,
    salt: isOurs ? before.slice(0, -1) : undefined,
    when: allOf([test(by, 'exists'), not(isOneOf(by, ['', true, false]))]),
  };
}

function isFilledText(attribute: string): Condition {
  return allOf([isText(attribute), not(isOneOf(attribute, ['']))]);
}

function shareOf(share: unknown, place: string, nameOf: NameVariant): readonly [variant: string, share: number] {
  const [variant, weight = 1, ...more] = Array.isArray(share) ? share : [];
  if (more.length > 0 || typeof weight !== 'number' || !Number.isInteger(weight) || weight < 0)
    throw new Untranslatable(place, `A share comes over as a variant and a whole number, not as ${JSON.stringify(share)}.`);
  return [nameOf(variant, place), weight];
}
