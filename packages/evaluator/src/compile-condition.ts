/** From a condition as JSON to a test. Whatever cannot be read is reported and never matches. */
import { attributePath, isPresent, readAttribute } from './attribute.ts';
import { type Linker, readCell, slotOf, type Test } from './compiled.ts';
import { isObject, isText, listAt, MAX_DEPTH, type Report } from './json.ts';
import { operatorEntry } from './operators/operators.ts';
import { passes } from './passes.ts';

export interface ConditionCompiler {
  readonly linker: Linker;
  readonly report: Report;
  /** Collects the segments in use with the path of their first use; undefined inside a segment: they do not nest. */
  readonly segments: Map<number, string> | undefined;
}

const FORMS = ['all', 'any', 'not', 'segment', 'now', 'attribute'] as const;
const NEVER: Test = () => false;

/** Exactly one of the members in FORMS says what a condition is; members this reader does not know are ignored. */
export function compileCondition(json: unknown, path: string, compiler: ConditionCompiler, depth = 0): Test {
  const { report } = compiler;
  const unreadable = (code: Parameters<Report>[0], member = '') => {
    report(code, path + member);
    return NEVER;
  };
  if (depth > MAX_DEPTH) return unreadable('too_deep');
  if (!isObject(json)) return unreadable('malformed');
  const forms = FORMS.filter((form) => Object.hasOwn(json, form));
  const form = forms[0];
  if (form === undefined) return unreadable('unsupported');
  if (forms.length > 1) return unreadable('malformed');
  switch (form) {
    case 'all':
    case 'any': {
      if (json[form] === undefined) return unreadable('malformed', `/${form}`);
      const parts = listAt(json[form], `${path}/${form}`, report).map((part, index) =>
        compileCondition(part, `${path}/${form}/${index}`, compiler, depth + 1),
      );
      const decisive = form === 'any';
      return (context, nowMs, rules) => {
        for (const part of parts) if (passes(part, context, nowMs, rules) === decisive) return decisive;
        return !decisive;
      };
    }
    case 'not': {
      const part = compileCondition(json.not, `${path}/not`, compiler, depth + 1);
      return (context, nowMs, rules) => !passes(part, context, nowMs, rules);
    }
    case 'segment': {
      if (compiler.segments === undefined) return unreadable('nested_segment');
      if (!isText(json.segment)) return unreadable('malformed', '/segment');
      const slot = slotOf(compiler.linker.segmentSlots, json.segment);
      if (!compiler.segments.has(slot)) compiler.segments.set(slot, `${path}/segment`);
      return (context, nowMs, rules) => {
        const cell = rules.segments[slot];
        return cell !== undefined && passes(readCell(cell, rules.linker).test, context, nowMs, rules);
      };
    }
    case 'now': {
      const [instant, ...more] = listAt(json.values, `${path}/values`, report);
      if (json.now !== 'before' && json.now !== 'after') return unreadable('unsupported', '/now');
      if (typeof instant !== 'number' || !Number.isFinite(instant) || more.length > 0) return unreadable('values', '/values');
      // The instant itself belongs to `after`: the two halves leave no gap, and the answer changes exactly there.
      return json.now === 'before' ? (_, nowMs) => nowMs < instant : (_, nowMs) => nowMs >= instant;
    }
    case 'attribute':
      return compileAttribute(json, path, compiler);
  }
}

function compileAttribute(
  json: { readonly [member: string]: unknown },
  path: string,
  { linker, report }: ConditionCompiler,
): Test {
  if (!isText(json.attribute)) {
    report('malformed', `${path}/attribute`);
    return NEVER;
  }
  const attribute = attributePath(json.attribute);
  if (json.op === 'exists') return (context) => isPresent(readAttribute(context, attribute));
  if (json.op === 'not_exists') return (context) => !isPresent(readAttribute(context, attribute));

  const entry = operatorEntry(json.op);
  const hashed = json.hashed === true;
  if (entry === undefined || (hashed && entry.hashable !== true)) {
    report('unsupported', `${path}/op`);
    return NEVER;
  }
  if (hashed && linker.hashingSalt === undefined) report('unsalted', `${path}/hashed`);
  const values = listAt(json.values, `${path}/values`, report);
  const hashingSalt = hashed ? linker.hashingSalt : undefined;
  const match =
    values.length === 0
      ? 'values'
      : entry.compile(values, { ignoreCase: json.ignoreCase === true, hashingSalt, maxInput: json.maxInput });
  if (typeof match === 'string') {
    report(match, `${path}/values`);
    return NEVER;
  }
  const wanted = match instanceof Set && match.size === 1 ? ([...match][0] as string) : match;
  return { attribute, wanted, negated: entry.negated === true };
}
