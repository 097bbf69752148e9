/** How each operator is asked for: in which words, and for how many values of what form. */
import { type AttributeCondition, OPERATORS, type Operator } from '@yardarm/evaluator';
import { OPERATOR_WORDS } from './rule-sentence.ts';

export type ScalarType = 'string' | 'number' | 'boolean';
type Scalar = string | number | boolean;
type ValueForm = ScalarType | 'scalar' | 'instant';

interface OperatorForm {
  readonly count: 'none' | 'one' | 'many';
  /** `scalar`: of the type that the attribute has. */
  readonly form: ValueForm;
  /** Whether upper and lower case may be made the same. */
  readonly folds: boolean;
  /** An example of a value. */
  readonly example: string;
}

const SCALAR = { form: 'scalar', folds: true, example: 'value' } as const;
const TEXT = { count: 'many', form: 'string', folds: true, example: 'text' } as const;
const PATTERN = { count: 'many', form: 'string', folds: true, example: '^pattern' } as const;
const NUMBER = { count: 'one', form: 'number', folds: false, example: '10' } as const;
const INSTANT = { count: 'one', form: 'instant', folds: false, example: '2027-01-31T12:00:00Z' } as const;
const VERSION = { count: 'one', form: 'string', folds: false, example: '1.2.3' } as const;
const NOTHING = { count: 'none', form: 'string', folds: false, example: '' } as const;

export const OPERATOR_FORMS: Record<Operator, OperatorForm> = {
  equals: { ...SCALAR, count: 'one' },
  not_equals: { ...SCALAR, count: 'one' },
  in: { ...SCALAR, count: 'many' },
  not_in: { ...SCALAR, count: 'many' },
  contains: TEXT,
  not_contains: TEXT,
  starts_with: TEXT,
  ends_with: TEXT,
  matches: PATTERN,
  not_matches: PATTERN,
  lt: NUMBER,
  lte: NUMBER,
  gt: NUMBER,
  gte: NUMBER,
  before: INSTANT,
  after: INSTANT,
  semver_eq: VERSION,
  semver_lt: VERSION,
  semver_lte: VERSION,
  semver_gt: VERSION,
  semver_gte: VERSION,
  ip_in_range: { count: 'many', form: 'string', folds: false, example: '10.0.0.0/8' },
  exists: NOTHING,
  not_exists: NOTHING,
};

/** Every operator with its words: `is version … or older`. */
export const OPERATOR_OPTIONS = OPERATORS.map((value) => ({
  value,
  label: OPERATOR_WORDS[value].filter((words) => words !== undefined).join(' … '),
}));

/** The type in which what is typed is read. */
export function typeOfValues({ op, values }: AttributeCondition, declared: ScalarType | undefined): ScalarType | 'instant' {
  const { form } = OPERATOR_FORMS[op];
  if (form !== 'scalar') return form;
  const [first] = values ?? [];
  return first === undefined ? (declared ?? 'string') : (typeof first as ScalarType);
}

/** What a person typed as a value of that type; null where it is none. */
export function parseValue(text: string, type: ScalarType | 'instant'): Scalar | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  if (type === 'number') return Number.isFinite(Number(trimmed)) ? Number(trimmed) : null;
  if (type === 'boolean') return trimmed === 'true' || (trimmed === 'false' ? false : null);
  return trimmed;
}

/** What a list of entries stands for: what was in it before stays exactly as it was, what is new is read in the type. */
export function readEntries(entries: readonly string[], before: readonly Scalar[], type: ScalarType | 'instant'): Scalar[] {
  const known = new Map(before.map((value) => [String(value), value]));
  return entries.flatMap((entry) => known.get(entry) ?? parseValue(entry, type) ?? []);
}

/** The condition with another operator; values that do not fit it are left behind. */
export function withOperator(condition: AttributeCondition, op: Operator, declared?: ScalarType): AttributeCondition {
  const { count, folds } = OPERATOR_FORMS[op];
  const { attribute, values = [], ignoreCase } = condition;
  const type = typeOfValues({ ...condition, op }, declared);
  const fitting = values.flatMap((value) => (isOf(value, type) ? value : (parseValue(String(value), type) ?? [])));
  return {
    attribute,
    op,
    ...(count !== 'none' && { values: count === 'one' ? fitting.slice(0, 1) : fitting }),
    ...(folds && ignoreCase === true && { ignoreCase }),
  };
}

/** An instant may be written as a number, of epoch milliseconds. */
function isOf(value: Scalar, type: ScalarType | 'instant'): boolean {
  return type === 'instant' ? typeof value === 'number' : typeof value === type;
}

/** The condition with its values read in another type. */
export function withType(condition: AttributeCondition, type: ScalarType): AttributeCondition {
  const { values = [], ...rest } = condition;
  if (type === 'boolean') return { ...rest, values: [true] };
  return {
    ...rest,
    values: values.flatMap((value) => parseValue(type === 'string' ? String(value) : String(Number(value)), type) ?? []),
  };
}
