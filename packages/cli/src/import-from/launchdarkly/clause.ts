/** Clauses. Strict types on both sides; what differs is said in remarks. */
import type { AttributeCondition, Condition, Operator } from '@yardarm/evaluator';
import { allOf, anyOf, isOneOf, NEVER, not } from '../conditions.ts';
import { withUnicodeFlag } from '../pattern.ts';
import { attributePath, keyPath, type Scope } from './attribute.ts';
import type { Clause } from './shapes.ts';

/** How a clause that names segments is said. */
export type SegmentCondition = (key: string, place: string) => Condition;

export function clausesCondition(clauses: readonly Clause[], place: string, scope: Scope, segment: SegmentCondition): Condition {
  return allOf(clauses.map((clause, index) => clauseCondition(clause, `${place}/${index}`, scope, segment)));
}

function clauseCondition(clause: Clause, place: string, scope: Scope, segment: SegmentCondition): Condition {
  const { attribute, op, values, contextKind } = clause;
  const negate = clause.negate === true;
  if (op === 'segmentMatch') {
    const found = anyOf(values.map((key, index) => (typeof key === 'string' ? segment(key, `${place}/values/${index}`) : NEVER)));
    return negate ? not(found) : found;
  }
  if (attribute === 'kind' || (contextKind && attribute === '/kind')) {
    const found = kindCondition(clause, place, scope);
    return negate ? not(found) : found;
  }
  const path = attributePath(attribute, contextKind, `${place}/attribute`, scope);
  if (path === null) return NEVER;
  const isAnonymous = attribute === 'anonymous' || (contextKind && attribute === '/anonymous');
  let found = valuesCondition(clause, path, place, scope);
  // Every context is either anonymous or not there, whether it says so or does not.
  if (isAnonymous && op === 'in' && values.includes(false)) found = anyOf([found, { attribute: path, op: 'not_exists' }]);
  const kindKey = isAnonymous ? keyPath(contextKind, place, scope) : null;
  const present: Condition = { attribute: kindKey ?? path, op: 'exists' };
  // A missing attribute fails a clause, negated or not; one of the wrong type passes a negated one.
  if (negate) return allOf([present, not(found)]);
  return kindKey === null ? found : allOf([present, found]);
}

/** Asked of the kinds that the context has, of which any will do. */
function kindCondition({ op, values }: Clause, place: string, scope: Scope): Condition {
  if (op !== 'in') {
    scope.refuse(`${place}/op`, `Kinds of context can only be listed here ('in'), not compared by '${op}'; list them.`);
    return NEVER;
  }
  const keys = values.flatMap((kind) =>
    typeof kind === 'string' && kind !== 'multi' ? [keyPath(kind, `${place}/values`, scope)] : [],
  );
  return anyOf(keys.map((key) => (key === null ? NEVER : { attribute: key, op: 'exists' })));
}

const TEXT_OPERATORS: { readonly [op: string]: Operator } = {
  startsWith: 'starts_with',
  endsWith: 'ends_with',
  contains: 'contains',
};
const NUMBER_OPERATORS: { readonly [op: string]: Operator } = {
  lessThan: 'lt',
  lessThanOrEqual: 'lte',
  greaterThan: 'gt',
  greaterThanOrEqual: 'gte',
};
const VERSION_OPERATORS: { readonly [op: string]: Operator } = {
  semVerEqual: 'semver_eq',
  semVerLessThan: 'semver_lt',
  semVerGreaterThan: 'semver_gt',
};

/** The clause without its negation. A value of the wrong type matches nothing there, and is left away. */
function valuesCondition({ op, values }: Clause, path: string, place: string, scope: Scope): Condition {
  const refuse = (sentence: string): Condition => {
    scope.refuse(`${place}/values`, sentence);
    return NEVER;
  };
  const of = (operator: Operator, wanted: AttributeCondition['values']): Condition => ({
    attribute: path,
    op: operator,
    values: wanted,
  });
  const texts = values.filter((value) => typeof value === 'string');
  if (op === 'in') {
    if (values.includes(null))
      return refuse('It compares with null, which nothing equals here; ask whether the attribute is there.');
    return isOneOf(path, values.filter((value) => typeof value !== 'object') as (string | number | boolean)[]);
  }
  if (Object.hasOwn(TEXT_OPERATORS, op)) return texts.length === 0 ? NEVER : of(TEXT_OPERATORS[op] as Operator, texts);
  if (Object.hasOwn(NUMBER_OPERATORS, op)) {
    const numbers = values.filter((value) => typeof value === 'number');
    if (numbers.length === 0) return NEVER;
    return of(NUMBER_OPERATORS[op] as Operator, [op.startsWith('less') ? Math.max(...numbers) : Math.min(...numbers)]);
  }
  if (op === 'before' || op === 'after') {
    scope.changed(
      place,
      'Of dates as text, only RFC 3339 counts there; here a small `t` or `z` or a space also count, and a day that its month does not have, 24:00 and what else is no date do not.',
    );
    const instants = values.map(instantOf).filter((ms) => ms !== null);
    if (instants.length === 0) return NEVER;
    return of(op, [op === 'before' ? Math.max(...instants) : Math.min(...instants)]);
  }
  if (Object.hasOwn(VERSION_OPERATORS, op)) {
    scope.changed(
      place,
      'Versions with a `v` in front count here and match nothing there; versions with spaces around them, the other way round.',
    );
    const bounds = texts.map((text) => text.trim()).filter((text) => VERSION.test(text));
    if (bounds.length < values.length)
      return refuse('It compares with something that is no semantic version, so that it matches nothing; take it out.');
    return anyOf(bounds.map((bound) => of(VERSION_OPERATORS[op] as Operator, [bound])));
  }
  if (op === 'matches') {
    const patterns = texts.map(withUnicodeFlag);
    if (patterns.includes(null))
      return refuse(
        'A pattern is broken, or reads otherwise under flag `u`, which all patterns have here; write it without \\p, literal braces and the like.',
      );
    scope.changed(
      place,
      'Here a pattern is tried on texts of up to 1,024 characters, 256 where it backtracks, and a longer one does not match.',
    );
    if (patterns.some((pattern) => pattern?.countsCharacters))
      scope.changed(
        place,
        'A dot or a negated class takes a character outside the basic plane, such as an emoji, as one here, and as two there.',
      );
    return texts.length === 0
      ? NEVER
      : of(
          'matches',
          patterns.map((pattern) => pattern?.source ?? ''),
        );
  }
  scope.refuse(`${place}/op`, `Operator '${op}' has no counterpart here; say it with others.`);
  return NEVER;
}

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
/** Major, minor and patch, of which only the first must be there, without leading zeros. */
const VERSION = /^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){0,2}(?:-[\dA-Za-z.-]+)?(?:\+[\dA-Za-z.-]+)?$/;

/** Epoch milliseconds of a number or an RFC 3339 text; null for what LaunchDarkly reads as no date. */
function instantOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  const ms = typeof value === 'string' && DATE_TIME.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}
