/**
 * flagd's JSON logic as conditions. Its comparisons convert types: what a conversion would make equal is written out, so that an attribute that
 * is missing, empty, a boolean or a number given as text counts as it does there. Where flagd itself fails on a context (a number compared with
 * words) the condition does not hold. docs/importing.md lists what differs.
 */
import type { Condition, Operator } from '@yardarm/evaluator';
import { ALWAYS, allOf, anyOf, constant, isOneOf, isText, NEVER, not, test } from '../conditions.ts';
import type { RemarkCode } from '../imported.ts';
import { isMembers, step } from '../read-document.ts';
import { sameJson } from '../same-flag.ts';
import { Untranslatable } from '../untranslatable.ts';
import { exportedCondition, exportedSplit, regrouped } from './own-export.ts';
import { compareVersion } from './version.ts';

/** What stands around a piece of logic. */
export interface Scope {
  readonly flagKey: string;
  readonly evaluators: { readonly [name: string]: unknown };
  /** Whether whom the logic gives nothing has a default variant. */
  readonly hasDefault: boolean;
  readonly remark: (code: RemarkCode, place: string, sentence: string) => void;
}

type Scalar = string | number | boolean | null;
/** An attribute, with the value that takes the place of one that is missing. */
interface Variable {
  readonly path: string;
  readonly otherwise: Scalar;
}

const TAKES_LIST: ReadonlySet<string> = new Set(['and', 'or', 'if', '?:']);

/** The only operation of a piece of logic. Undefined: it is a constant. */
export function operationOf(
  json: unknown,
  from: string,
  scope: Scope,
): { readonly name: string; readonly args: readonly unknown[]; readonly place: string } | undefined {
  const { logic, place } = followed(json, from, scope);
  if (Array.isArray(logic)) throw new Untranslatable(place, 'A list stands where a condition or a variant has to.');
  if (!isMembers(logic)) return undefined;
  const [entry, ...more] = Object.entries(logic);
  if (entry === undefined || more.length > 0) throw new Untranslatable(place, 'An operation has exactly one member, its name.');
  const [name, args] = entry;
  if (TAKES_LIST.has(name) && !Array.isArray(args))
    throw new Untranslatable(place + step(name), `'${name}' takes a list of parts; flagd fails on anything else.`);
  return { name, args: Array.isArray(args) ? args : [args], place: place + step(name) };
}

/** What stands where the logic names one of `$evaluators`, which may be a constant as well; else the logic itself. */
export function followed(logic: unknown, place: string, scope: Scope): { readonly logic: unknown; readonly place: string } {
  if (!isMembers(logic) || !Object.hasOwn(logic, '$ref')) return { logic, place };
  const name = logic.$ref;
  if (typeof name !== 'string' || Object.keys(logic).length > 1 || !evaluatorsAfter(place, scope).includes(name))
    throw new Untranslatable(
      place,
      `'$ref' names ${JSON.stringify(name)}, which is not among '$evaluators', or not behind the one that it stands in: flagd leaves it as it is.`,
    );
  return followed(scope.evaluators[name], `/$evaluators${step(name)}`, scope);
}

/** flagd writes them out one after the other, each once: what stands in one finds only those behind it. */
function evaluatorsAfter(place: string, { evaluators }: Scope): readonly string[] {
  const names = Object.keys(evaluators);
  return names.slice(
    names.findIndex((name) => place.startsWith(`/$evaluators${step(name)}/`) || place === `/$evaluators${step(name)}`) + 1,
  );
}

/** Whether the logic gives something that counts as true. */
export function conditionOf(logic: unknown, place: string, scope: Scope): Condition {
  const exported = exportedCondition(logic);
  if (exported !== undefined) return exported;
  const operation = operationOf(logic, place, scope);
  if (operation === undefined) return constant(Boolean(followed(logic, place, scope).logic));
  const { name, args, place: at } = operation;
  switch (name) {
    case 'and':
    case 'or': {
      const parts = (name === 'and' ? regrouped(args) : args).map((arg, index) => conditionOf(arg, at + step(index), scope));
      // None at all are null to flagd.
      return parts.length === 0 ? NEVER : name === 'and' ? allOf(parts) : anyOf(parts);
    }
    case '!':
      return not(conditionOf(args[0], at, scope));
    case '!!':
      return conditionOf(args[0], at, scope);
    case 'var':
      return isTrue(logic, place, scope);
    case '===':
    case '!==':
    case '==':
    case '!=':
      return equality(name, args, at, scope);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return order(name, args, at, scope);
    case 'in':
      return membership(args, at, scope);
    case 'starts_with':
    case 'ends_with': {
      const [value, part] = args;
      const read = variableOf(value, at, scope);
      if (read === undefined || typeof part !== 'string' || read.otherwise !== null || args.length !== 2)
        throw new Untranslatable(at, `'${name}' comes over as an attribute and a text, not as ${JSON.stringify(args)}.`);
      return read.path === FLAG_KEY
        ? constant(name === 'starts_with' ? scope.flagKey.startsWith(part) : scope.flagKey.endsWith(part))
        : test(read.path, name, [part]);
    }
    case 'sem_ver': {
      const [value, op, version] = args;
      const read = variableOf(value, at, scope);
      const isPlain = read?.otherwise === null && !read.path.startsWith('$') && args.length === 3;
      const condition = isPlain ? compareVersion(read.path, op, version) : undefined;
      if (condition === undefined)
        throw new Untranslatable(
          at,
          `'sem_ver' comes over as an attribute, an operator and a version, not as ${JSON.stringify(args)}.`,
        );
      scope.remark(
        'changes-meaning',
        at,
        `A prerelease or build behind a version that is not in full ('1.2-beta') counts here and is no version in flagd; a number, a capital V or a blank in front, the other way round.`,
      );
      return condition;
    }
    default:
      throw new Untranslatable(at, `The operation '${name}' has no counterpart in a condition; write the rule by hand.`);
  }
}

/** When the logic gives `false` itself: as a variant that is another thing than null. Undefined: it may give anything. */
export function falsehoodOf(logic: unknown, place: string, scope: Scope): Condition | undefined {
  const operation = operationOf(logic, place, scope);
  const constantValue = followed(logic, place, scope).logic;
  if (operation === undefined) return typeof constantValue === 'boolean' ? constant(!constantValue) : undefined;
  const { name, args, place: at } = operation;
  const isNotTrue = not(conditionOf(logic, place, scope));
  if (['!', '!!', '===', '!==', '==', '!=', '<', '<=', '>', '>=', 'in'].includes(name)) return isNotTrue;
  const path = () => variableOf(args[0], at, scope)?.path ?? '';
  if (name === 'starts_with' || name === 'ends_with') return path() === FLAG_KEY ? isNotTrue : allOf([isText(path()), isNotTrue]);
  // Every version is at least this one.
  if (name === 'sem_ver') return allOf([test(path(), 'semver_gte', ['0.0.0-0']), isNotTrue]);
  if ((name !== 'and' && name !== 'or') || args.length === 0) return undefined;
  // The part that decides gives the value: the first that does not hold, or does, or else the last.
  const decided: Condition[] = [];
  let before: Condition = ALWAYS;
  let isNeverNull = true;
  for (const [index, arg] of args.entries()) {
    const [holds, fails] = [conditionOf(arg, at + step(index), scope), falsehoodOf(arg, at + step(index), scope)];
    if (fails === undefined) return undefined;
    isNeverNull &&= sameJson(fails, not(holds));
    if (name === 'and' || index === args.length - 1) decided.push(allOf([before, fails]));
    before = allOf([before, name === 'and' ? holds : not(holds)]);
  }
  return isNeverNull ? isNotTrue : anyOf(decided);
}

export const FLAG_KEY = '$flagd.flagKey';
const TIMESTAMP = '$flagd.timestamp';
/** flagd reads these otherwise, or finds them on texts and lists, where the rule language finds nothing. */
const STRANGE_STEP = /^(?:|length|__proto__|constructor|prototype|toString|valueOf|hasOwnProperty|\d+)$/;

/** An attribute, or undefined for anything else. */
export function variableOf(logic: unknown, place: string, scope: Scope): Variable | undefined {
  const operation = operationOf(logic, place, scope);
  if (operation?.name !== 'var') return undefined;
  const [path, otherwise = null] = operation.args;
  if (typeof path !== 'string' || !isScalar(otherwise))
    throw new Untranslatable(operation.place, `'var' comes over as a path, not as ${JSON.stringify(operation.args)}.`);
  if (path === FLAG_KEY || path === TIMESTAMP) return { path, otherwise: null };
  if (path.includes('\\') || path.startsWith('$flagd') || path.split('.').some((one) => STRANGE_STEP.test(one)))
    throw new Untranslatable(operation.place, `The path '${path}' reads something else in flagd than an attribute.`);
  if (otherwise !== null)
    scope.remark(
      'changes-meaning',
      operation.place,
      `'${path}' has a default, which here also stands for null; flagd's engines disagree on that.`,
    );
  return { path, otherwise };
}

function isScalar(value: unknown): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

/** What the value of a present attribute has to be, and whether one that is missing will do. */
function onAttribute({ path, otherwise }: Variable, present: Condition, holdsFor: (value: Scalar) => boolean): Condition {
  return holdsFor(otherwise) ? anyOf([test(path, 'not_exists'), present]) : present;
}

function isTrue(logic: unknown, place: string, scope: Scope): Condition {
  const read = variableOf(logic, place, scope);
  if (read === undefined) throw new Untranslatable(place, 'A condition stands where an attribute has to.');
  if (read.path === FLAG_KEY || read.path === TIMESTAMP) return ALWAYS;
  const present = allOf([test(read.path, 'exists'), not(isOneOf(read.path, [0, '', false]))]);
  return onAttribute(read, present, Boolean);
}

function equality(name: string, args: readonly unknown[], place: string, scope: Scope): Condition {
  const [left, right, ...more] = args;
  const [read, literal] = [variableOf(left, place, scope) ?? variableOf(right, place, scope), [left, right].find(isScalar)];
  if (more.length > 0 || args.length < 2 || read === undefined || literal === undefined)
    throw new Untranslatable(place, `'${name}' comes over as an attribute and a constant, not as ${JSON.stringify(args)}.`);
  const negated = name.startsWith('!');
  const condition = equals(read, literal, name.length === 3, place, scope);
  return negated ? not(condition) : condition;
}

function equals(read: Variable, literal: Scalar, strict: boolean, place: string, scope: Scope): Condition {
  if (read.path === FLAG_KEY) return constant(strict ? scope.flagKey === literal : looselyEqual(scope.flagKey, literal));
  if (read.path === TIMESTAMP) {
    if (typeof literal !== 'number') throw new Untranslatable(place, 'The time comes over compared with a number only.');
    return allOf([instant('>=', literal), instant('<=', literal)]);
  }
  const holdsFor = (value: Scalar) => (strict ? value === literal : looselyEqual(value, literal));
  if (strict || literal === null) {
    const values = strict ? (literal === null ? [] : [literal]) : [0, false];
    return onAttribute(read, isOneOf(read.path, values), holdsFor);
  }
  const number = Number(literal);
  if (typeof literal !== 'string')
    scope.remark(
      'changes-meaning',
      place,
      `Another spelling of ${number} as a text ('0${number}') equals it in flagd, and not here.`,
    );
  const values = [literal, number, String(number), true, false, ''].filter(
    (value, index, list) => list.indexOf(value) === index && !Number.isNaN(value) && looselyEqual(value, literal),
  );
  return onAttribute(read, isOneOf(read.path, values), holdsFor);
}

/** As flagd compares: texts with texts as they are, everything else as numbers; a text and nothing are never equal. */
function looselyEqual(a: Scalar, b: Scalar): boolean {
  if (typeof a === 'string' && typeof b === 'string') return a === b;
  if ((a === null && typeof b === 'string') || (b === null && typeof a === 'string')) return false;
  return Number(a) === Number(b);
}

const FLIPPED: { readonly [operator: string]: string } = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };
const ORDERS: { readonly [operator: string]: Operator } = { '<': 'lt', '<=': 'lte', '>': 'gt', '>=': 'gte' };

function order(name: string, args: readonly unknown[], place: string, scope: Scope): Condition {
  const [first, second, third] = args;
  if (args.length === 3 && name.startsWith('<'))
    return allOf([order(name, [first, second], place, scope), order(name, [second, third], place, scope)]);
  const [left, right] = [variableOf(first, place, scope), variableOf(second, place, scope)];
  if (args.length === 2 && left !== undefined && typeof second === 'number') return compare(left, name, second, place, scope);
  if (args.length === 2 && right !== undefined && typeof first === 'number')
    return compare(right, FLIPPED[name] ?? name, first, place, scope);
  throw new Untranslatable(place, `'${name}' comes over as an attribute and a number, not as ${JSON.stringify(args)}.`);
}

function compare(read: Variable, name: string, bound: number, place: string, scope: Scope): Condition {
  if (read.path === TIMESTAMP) return instant(name, bound);
  if (read.path === FLAG_KEY) throw new Untranslatable(place, 'The key of a flag is not ordered.');
  const holds = (value: number) =>
    name === '<' ? value < bound : name === '<=' ? value <= bound : name === '>' ? value > bound : value >= bound;
  const converted = ['', false, true].filter((value) => holds(Number(value)));
  scope.remark('changes-meaning', place, `A number that the context holds as a text is compared as one in flagd, and not here.`);
  const op = ORDERS[name] ?? 'lt';
  return onAttribute(read, anyOf([test(read.path, op, [bound]), isOneOf(read.path, converted)]), (value) => holds(Number(value)));
}

/** flagd counts whole seconds. */
function instant(name: string, seconds: number): Condition {
  const bound = name === '<' || name === '>=' ? Math.ceil(seconds) : Math.floor(seconds) + 1;
  return { now: name.startsWith('<') ? 'before' : 'after', values: [bound * 1_000] };
}

/** Whether one of the variants is what the logic gives: so our own export says that another flag has to serve something. */
function isServed(logic: unknown, variants: readonly unknown[], place: string, scope: Scope): Condition {
  const operation = operationOf(logic, place, scope);
  if (operation === undefined) return constant(variants.includes(followed(logic, place, scope).logic));
  const { name, args, place: at } = operation;
  if (name !== 'if' || exportedSplit(args) !== undefined)
    throw new Untranslatable(
      at,
      'It asks which variant a split or another operation gives; write that as a prerequisite by hand.',
    );
  const from = (index: number): Condition => {
    if (index >= args.length) return constant(variants.includes(null));
    if (index === args.length - 1) return isServed(args[index], variants, at + step(index), scope);
    const holds = conditionOf(args[index], at + step(index), scope);
    const then = isServed(args[index + 1], variants, at + step(index + 1), scope);
    return anyOf([allOf([holds, then]), allOf([not(holds), from(index + 2)])]);
  };
  return from(0);
}

function membership(args: readonly unknown[], place: string, scope: Scope): Condition {
  const [needle, haystack] = args;
  if (operationOf(needle, place + step(0), scope)?.name === 'if' && Array.isArray(haystack))
    return isServed(needle, haystack, place + step(0), scope);
  const read = variableOf(needle, place, scope);
  if (read !== undefined && Array.isArray(haystack) && haystack.every(isScalar)) {
    if (read.path === FLAG_KEY) return constant(haystack.includes(scope.flagKey));
    if (read.path === TIMESTAMP) throw new Untranslatable(place, 'The time comes over compared with a number only.');
    const values = haystack.filter((value) => value !== null);
    return onAttribute(read, isOneOf(read.path, values), (value) => haystack.includes(value));
  }
  if (typeof needle !== 'string' || Array.isArray(haystack))
    throw new Untranslatable(
      place,
      `'in' comes over as an attribute in a list, or a text in an attribute, not as ${JSON.stringify(args)}.`,
    );
  const text = variableOf(haystack, place, scope);
  if (text === undefined || text.otherwise !== null || text.path === TIMESTAMP)
    throw new Untranslatable(
      place,
      `'in' comes over as an attribute in a list, or a text in an attribute, not as ${JSON.stringify(args)}.`,
    );
  if (text.path === FLAG_KEY) return constant(scope.flagKey.includes(needle));
  scope.remark(
    'changes-meaning',
    place,
    `Where '${text.path}' holds a list, flagd asks for a whole element '${needle}'; here a part of one is enough.`,
  );
  // An empty text is an empty list to flagd, in which nothing is.
  return needle === '' ? allOf([isText(text.path), not(isOneOf(text.path, ['']))]) : test(text.path, 'contains', [needle]);
}
