/**
 * Constraints of Unleash as conditions. Unleash makes a text of whatever the context holds, then compares texts, numbers or versions: what an
 * attribute of another type would be taken for is written out as far as the rule language can, and remarked where it cannot.
 */
import { attributeName } from '@yardarm/contract';
import type { Condition, Operator } from '@yardarm/evaluator';
import { allOf, anyOf, isOneOf, not, test } from '../conditions.ts';
import type { RemarkCode } from '../imported.ts';
import { isMembers, step } from '../read-document.ts';
import { Untranslatable } from '../untranslatable.ts';

export type AddRemark = (code: RemarkCode, place: string, sentence: string) => void;

/** All of them. */
export function constraintsCondition(constraints: readonly unknown[], place: string, remark: AddRemark): Condition {
  return allOf(constraints.map((constraint, index) => constraintCondition(constraint, place + step(index), remark)));
}

/** What our contexts call a field of Unleash's: its user is the targeting key, everything else keeps its name. */
export function attributeOf(field: unknown, place: string): string {
  if (field === 'userId') return 'targetingKey';
  if (typeof field === 'string' && !field.includes('.') && attributeName.safeParse(field).success) return field;
  throw new Untranslatable(
    place,
    `The context field ${JSON.stringify(field)} is no attribute here: a dot in a name is a step of a path.`,
  );
}

/** The attribute, as a text, is one of the texts. */
export function isTextOf(attribute: string, texts: readonly string[]): Condition {
  const values = texts.flatMap((text): (string | number | boolean)[] => {
    const number = Number(text);
    if (text === 'true' || text === 'false') return [text, text === 'true'];
    return text !== '' && Number.isFinite(number) && String(number) === text ? [text, number] : [text];
  });
  return isOneOf(attribute, values);
}

function constraintCondition(constraint: unknown, place: string, remark: AddRemark): Condition {
  if (!isMembers(constraint)) throw new Untranslatable(place, 'A constraint is an object.');
  const { contextName, operator, values, value, inverted = false, caseInsensitive = false } = constraint;
  const attribute = contextName === 'currentTime' ? 'currentTime' : attributeOf(contextName, `${place}/contextName`);
  if (contextName === 'appName' || contextName === 'environment')
    remark(
      'changes-meaning',
      place,
      `Unleash's SDKs fill in '${contextName}' by themselves; here the application passes it in its context.`,
    );
  // Unleash passes over what is empty, and then trims what people typed: a blank is an empty text, which every text contains.
  const texts = (Array.isArray(values) ? values : []).map(String).flatMap((text) => (text === '' ? [] : [text.trim()]));
  const condition = operatorCondition(String(operator), attribute, texts, value, caseInsensitive === true, place, remark);
  return inverted === true ? not(condition) : condition;
}

const TEXT_OPERATORS: { readonly [operator: string]: readonly [Operator, 'startsWith' | 'endsWith' | 'includes'] } = {
  STR_STARTS_WITH: ['starts_with', 'startsWith'],
  STR_ENDS_WITH: ['ends_with', 'endsWith'],
  STR_CONTAINS: ['contains', 'includes'],
};
const NUMBER_OPERATORS: { readonly [operator: string]: readonly [Operator, (zero: number, bound: number) => boolean] } = {
  NUM_EQ: ['equals', (zero, bound) => zero === bound],
  NUM_LT: ['lt', (zero, bound) => zero < bound],
  NUM_LTE: ['lte', (zero, bound) => zero <= bound],
  NUM_GT: ['gt', (zero, bound) => zero > bound],
  NUM_GTE: ['gte', (zero, bound) => zero >= bound],
};
const VERSION_OPERATORS: { readonly [operator: string]: Operator } = {
  SEMVER_EQ: 'semver_eq',
  SEMVER_LT: 'semver_lt',
  SEMVER_LTE: 'semver_lte',
  SEMVER_GT: 'semver_gt',
  SEMVER_GTE: 'semver_gte',
};
/** A date-time with its zone, or a day, which is one of UTC. */
const ZONED = /^\d{4}-\d\d-\d\d(?:T.*(?:Z|[+-]\d\d:\d\d))?$/;
const FULL_VERSION = /^\d+\.\d+\.\d+(?:-[\dA-Za-z.-]+)?(?:\+[\dA-Za-z.-]+)?$/;

function operatorCondition(
  operator: string,
  attribute: string,
  texts: readonly string[],
  value: unknown,
  ignoreCase: boolean,
  place: string,
  remark: AddRemark,
): Condition {
  const isTime = attribute === 'currentTime';
  if (operator.startsWith('DATE_') !== isTime)
    throw new Untranslatable(
      place,
      isTime
        ? `'${operator}' on the current time has no counterpart.`
        : `'${operator}' comes over on 'currentTime' only: on other fields the SDKs of Unleash disagree.`,
    );
  if (operator === 'IN') return isTextOf(attribute, texts);
  if (operator === 'NOT_IN') return not(isTextOf(attribute, texts));
  if (Object.hasOwn(TEXT_OPERATORS, operator)) {
    const [op, method] = TEXT_OPERATORS[operator] ?? ['contains', 'includes'];
    if (texts.length === 0) return anyOf([]);
    remark('changes-meaning', place, `A number in '${attribute}' is compared as a text in Unleash, and does not match here.`);
    const matches = (text: string) => texts.some((part) => text[method](ignoreCase ? part.toLowerCase() : part));
    const booleans = [true, false].filter((one) => matches(String(one)));
    return anyOf([test(attribute, op, texts, ignoreCase), ...(booleans.length > 0 ? [isOneOf(attribute, booleans)] : [])]);
  }
  if (Object.hasOwn(NUMBER_OPERATORS, operator)) {
    const [op, holds] = NUMBER_OPERATORS[operator] ?? ['equals', () => false];
    const bound = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value ?? Number.NaN);
    if (!Number.isFinite(bound)) throw new Untranslatable(`${place}/value`, `${JSON.stringify(value)} is no number.`);
    remark('changes-meaning', place, `A number that '${attribute}' holds as a text is compared as one in Unleash, and not here.`);
    // An empty text is the number 0 there.
    const empty = holds(0, bound) ? [isOneOf(attribute, [''])] : [];
    return op === 'equals'
      ? anyOf([isOneOf(attribute, [bound, String(bound)]), ...empty])
      : anyOf([test(attribute, op, [bound]), ...empty]);
  }
  if (Object.hasOwn(VERSION_OPERATORS, operator)) {
    if (typeof value !== 'string' || !FULL_VERSION.test(value))
      throw new Untranslatable(
        `${place}/value`,
        `${JSON.stringify(value)} is no version in full, such as 1.2.3, which Unleash never matches.`,
      );
    // Unleash takes neither a leading v nor a partial version.
    const inFull = test(attribute, 'matches', ['^[0-9]+[.][0-9]+[.][0-9]+']);
    return allOf([inFull, test(attribute, VERSION_OPERATORS[operator] ?? 'semver_eq', [value])]);
  }
  if (operator === 'DATE_AFTER' || operator === 'DATE_BEFORE') {
    const instantMs = typeof value === 'string' ? Date.parse(value) : Number.NaN;
    if (!Number.isFinite(instantMs)) throw new Untranslatable(`${place}/value`, `${JSON.stringify(value)} is no date.`);
    if (!ZONED.test(String(value)))
      throw new Untranslatable(
        `${place}/value`,
        `${JSON.stringify(value)} names no time zone, so that each server of Unleash's SDKs takes its own; add Z or an offset.`,
      );
    // The instant itself is neither after nor before; here it belongs to `after`.
    return operator === 'DATE_AFTER' ? { now: 'after', values: [instantMs + 1] } : { now: 'before', values: [instantMs] };
  }
  throw new Untranslatable(`${place}/operator`, `The operator '${operator}' has no counterpart; write the rule by hand.`);
}
