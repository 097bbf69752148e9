/** Operators on one attribute. A missing attribute is null there, which some comparisons convert: that is written out. */
import type { Condition, Operator } from '@yardarm/evaluator';
import { allOf, anyOf, isOneOf, NEVER, not } from '../conditions.ts';
import { withUnicodeFlag } from '../pattern.ts';
import type { Scope } from './attribute.ts';
import { equalAfterConversion, LISTS } from './conversion.ts';

type Scalar = string | number | boolean;
const isScalar = (json: unknown): json is Scalar => ['string', 'number', 'boolean'].includes(typeof json);

/** How one operator is said, given what it compares with. */
interface Question {
  readonly name: string;
  readonly operand: unknown;
  readonly path: string;
  readonly refuse: (sentence: string) => Condition;
  readonly changed: (sentence: string) => void;
  readonly groups: Scope['groups'];
}

export function operatorCondition(name: string, operand: unknown, path: string, place: string, scope: Scope): Condition {
  const say = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
  const refuse = (sentence: string): Condition => {
    scope.refuse(place, sentence);
    return NEVER;
  };
  if (say === undefined) return refuse(`Operator '${name}' has no counterpart here; say it with others.`);
  const changed = (sentence: string) => scope.changed(place, sentence);
  const { whenPresent, whenMissing } = say({ name, operand, path, refuse, changed, groups: scope.groups });
  return whenMissing ? anyOf([whenPresent, { attribute: path, op: 'not_exists' }]) : whenPresent;
}

/** False for a missing attribute, unless it says so. */
interface Answer {
  readonly whenPresent: Condition;
  readonly whenMissing: boolean;
}
type Say = (question: Question) => Answer;

const present = (whenPresent: Condition): Answer => ({ whenPresent, whenMissing: false });
const negated =
  (say: Say): Say =>
  (question) => {
    const { whenPresent, whenMissing } = say(question);
    const missing: Condition = { attribute: question.path, op: 'not_exists' };
    return present(not(whenMissing ? anyOf([whenPresent, missing]) : whenPresent));
  };

const equals: Say = ({ operand, path, changed }) => {
  changed(LISTS);
  if (operand === null) return { whenPresent: NEVER, whenMissing: true };
  // An object is never the same as another.
  return present(isScalar(operand) ? isOneOf(path, [operand]) : NEVER);
};

const oneOf =
  (ignoreCase: boolean): Say =>
  ({ operand, path, refuse }) =>
    Array.isArray(operand)
      ? listed(operand, path, ignoreCase)
      : present(refuse('It needs a list, and matches nothing there without; mend it.'));

function listed(list: readonly unknown[], path: string, ignoreCase: boolean): Answer {
  return { whenPresent: withCase(isOneOf(path, list.filter(isScalar)), ignoreCase), whenMissing: list.includes(null) };
}

/** The same comparisons without regard to case. */
function withCase(condition: Condition, ignoreCase: boolean): Condition {
  if (!ignoreCase) return condition;
  if ('any' in condition) return anyOf(condition.any.map((part) => withCase(part, true)));
  return 'attribute' in condition ? { ...condition, ignoreCase: true } : condition;
}

const inGroup: Say = ({ operand, path, groups, refuse }) => {
  const group = typeof operand === 'string' ? groups.get(operand) : undefined;
  if (group === undefined) return present(refuse(`Saved group '${operand}' is not in the file; export it too.`));
  return listed(group, path, false);
};

const order =
  (op: Operator, holds: (actual: number, bound: number) => boolean): Say =>
  ({ operand, path, refuse, changed }) => {
    if (typeof operand !== 'number')
      return present(refuse('It orders texts by their characters, which our rules cannot; compare numbers, dates or versions.'));
    changed('What is no number, such as a text, true or a list, counts as one there where it can, and never here.');
    return { whenPresent: { attribute: path, op, values: [operand] }, whenMissing: holds(0, operand) };
  };

/** Three numbers, and identifiers behind a hyphen: what GrowthBook and SemVer order in the same way. */
const VERSION =
  /^v?(?:0|[1-9]\d{0,4})(?:\.(?:0|[1-9]\d{0,4})){2}(?:-(?:0|[1-9]\d{0,4}|\d*[A-Za-z][\dA-Za-z]*)(?:\.(?:0|[1-9]\d{0,4}|\d*[A-Za-z][\dA-Za-z]*))*)?$/;

const version =
  (op: Operator, whenMissing: boolean): Say =>
  ({ operand, path, refuse, changed }) => {
    if (typeof operand !== 'string' || !VERSION.test(operand))
      return present(refuse('It compares with a version that is not of three numbers of up to five digits; write it in full.'));
    changed(
      'Versions are read as SemVer here: what has not three numbers, more than five digits, or hyphens behind the first is ordered otherwise there, and what is no version matches only here not at all.',
    );
    return { whenPresent: { attribute: path, op, values: [operand] }, whenMissing };
  };

const pattern =
  (ignoreCase: boolean): Say =>
  ({ operand, path, refuse, changed }) => {
    const found = typeof operand === 'string' ? withUnicodeFlag(operand) : null;
    if (found === null || typeof operand !== 'string')
      return present(
        refuse(
          'The pattern is broken, or reads otherwise under flag `u`, which all patterns have here; write it without \\p, literal braces and the like.',
        ),
      );
    changed(
      'Here a pattern is tried on texts of up to 1,024 characters, 256 where it backtracks, and on each text of a list; there on anything, such as a number, as a text.',
    );
    if (found.countsCharacters)
      changed(
        'A dot or a negated class takes a character outside the basic plane, such as an emoji, as one here, and as two there.',
      );
    const there = new RegExp(operand, ignoreCase ? 'i' : '');
    const matches: Condition = { attribute: path, op: 'matches', values: [found.source], ...(ignoreCase && { ignoreCase }) };
    const booleans = [true, false].filter((value) => there.test(String(value)));
    return {
      whenPresent: booleans.length > 0 ? anyOf([matches, isOneOf(path, booleans)]) : matches,
      whenMissing: there.test('null'),
    };
  };

const ONE_IS_A_LIST =
  'It asks for a list there, and matches nothing else; here a single value counts as a list of itself. A null in a list matches nothing here.';

const all =
  (ignoreCase: boolean): Say =>
  ({ operand, path, refuse, changed }) => {
    if (
      !Array.isArray(operand) ||
      operand.length === 0 ||
      !operand.every((one) => typeof one === 'string' || typeof one === 'number')
    )
      return present(refuse('It needs a list of texts or numbers to look for; write one.'));
    changed(ONE_IS_A_LIST);
    return present(allOf(operand.map((one) => withCase(isOneOf(path, equalAfterConversion(one).values), ignoreCase))));
  };

/** Those that hold of a list where they hold of one of its elements. */
const OF_ELEMENTS = [
  '$eq',
  '$in',
  '$ini',
  '$gt',
  '$gte',
  '$lt',
  '$lte',
  '$regex',
  '$regexi',
  '$veq',
  '$vgt',
  '$vgte',
  '$vlt',
  '$vlte',
  '$inGroup',
];

const elementMatch: Say = (question) => {
  const { operand, refuse, changed } = question;
  const [[name, inner] = ['', null], ...more] = typeof operand === 'object' && operand !== null ? Object.entries(operand) : [];
  const say = OF_ELEMENTS.includes(name) ? OPERATORS[name] : undefined;
  if (say === undefined || more.length > 0)
    return present(
      refuse(
        'It asks one element for several things, for members, or for not being something, which our rules cannot; ask for one thing.',
      ),
    );
  changed(ONE_IS_A_LIST);
  return present(say({ ...question, name, operand: inner }).whenPresent);
};

const type: Say = ({ operand, path, refuse, changed }) => {
  const conditions: { readonly [name: string]: Condition } = {
    string: { attribute: path, op: 'starts_with', values: [''] },
    number: anyOf([
      { attribute: path, op: 'lt', values: [0] },
      { attribute: path, op: 'gte', values: [0] },
    ]),
    boolean: isOneOf(path, [true, false]),
  };
  if (operand === 'null') return { whenPresent: NEVER, whenMissing: true };
  const found = typeof operand === 'string' && Object.hasOwn(conditions, operand) ? conditions[operand] : undefined;
  if (found === undefined) return present(refuse(`Type '${operand}' cannot be asked for here; ask for what you expect in it.`));
  changed(LISTS);
  return present(found);
};

const exists: Say = ({ operand, path }) => present({ attribute: path, op: operand ? 'exists' : 'not_exists' });

const OPERATORS: { readonly [name: string]: Say } = {
  $eq: equals,
  $ne: negated(equals),
  $in: oneOf(false),
  $nin: negated(oneOf(false)),
  $ini: oneOf(true),
  $nini: negated(oneOf(true)),
  $inGroup: inGroup,
  $notInGroup: negated(inGroup),
  $lt: order('lt', (actual, bound) => actual < bound),
  $lte: order('lte', (actual, bound) => actual <= bound),
  $gt: order('gt', (actual, bound) => actual > bound),
  $gte: order('gte', (actual, bound) => actual >= bound),
  $veq: version('semver_eq', false),
  $vne: negated(version('semver_eq', false)),
  $vlt: version('semver_lt', true),
  $vlte: version('semver_lte', true),
  $vgt: version('semver_gt', false),
  $vgte: version('semver_gte', false),
  $regex: pattern(false),
  $regexi: pattern(true),
  $all: all(false),
  $alli: all(true),
  $elemMatch: elementMatch,
  $type: type,
  $exists: exists,
};
