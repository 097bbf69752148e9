/** From a condition as JSON to a test. Whatever cannot be read is reported, and some test stands in for it. */
import { type AttributePath, attributePath } from './attribute.ts';
import { type IssueCode, slotOf, type Test } from './compiled.ts';
import { isObject, isString, isText, MAX_DEPTH, ownMember } from './json.ts';
import { type CompileMatch, OPERATOR_FAMILIES } from './operators/operators.ts';
import { matchScalar } from './operators/scalar.ts';
import { at, elements, list, type Place, read, report } from './place.ts';
import { listSalt } from './units.ts';

const FORMS = ['all', 'any', 'not', 'segment', 'now', 'attribute'] as const;
const NEVER = testOf('any', []);

/** Exactly one of the members in FORMS says what a condition is; members this reader does not know are ignored. */
export function compileCondition(place: Place, depth = 0): Test {
  const { json, body } = place;
  if (depth > MAX_DEPTH) return unreadable(place, 'too_deep');
  if (!isObject(json)) return unreadable(place, 'malformed');
  const [form, ...more] = FORMS.filter((name) => Object.hasOwn(json, name));
  if (form === undefined) return unreadable(place, 'unsupported');
  if (more.length > 0) return unreadable(place, 'malformed');

  const member = at(place, form);
  const values = at(place, 'values');
  switch (form) {
    case 'not':
      return testOf(form, [compileCondition(member, depth + 1)], true);
    case 'all':
    case 'any':
      return testOf(
        form,
        elements(member).map((part) => compileCondition(part, depth + 1)),
        form === 'all',
      );
    case 'segment': {
      if (body.kind === 'segment') return unreadable(place, 'nested_segment');
      if (!isText(member.json)) return unreadable(member, 'malformed');
      const slot = slotOf(body.linker.segmentSlots, member.json);
      if (!body.segments.has(slot)) body.segments.set(slot, member.path);
      return testOf(form, slot);
    }
    case 'now': {
      const side = read(member, (now) => now === 'before' || now === 'after', 'unsupported');
      const [instant, ...more] = list(values);
      if (more.length > 0 || !Number.isFinite(instant)) return unreadable(values, 'values');
      // The instant itself belongs to `after`: the two halves leave no gap, and the answer changes exactly there.
      return testOf(form, instant, side === 'after');
    }
    case 'attribute':
      return compileAttribute(place, attributePath(read<string>(member, isText) ?? ''));
  }
}

function compileAttribute(place: Place, attribute: AttributePath): Test {
  const [op, values] = [at(place, 'op'), at(place, 'values')];
  const negated = isString(op.json) && op.json.startsWith('not_');
  if (op.json === 'exists' || op.json === 'not_exists') return testOf('exists', undefined, negated, attribute);

  const compileMatch = isString(op.json) ? (ownMember(OPERATOR_FAMILIES, op.json) as CompileMatch | undefined) : undefined;
  const isHashed = at(place, 'hashed').json === true;
  if (compileMatch === undefined || (isHashed && compileMatch !== matchScalar)) return unreadable(op, 'unsupported');
  const options = {
    ignoreCase: at(place, 'ignoreCase').json === true,
    salt: listSalt(place),
    maxInput: at(place, 'maxInput').json,
  };
  const given = list(values);
  const match = given.length === 0 ? 'values' : compileMatch(given, options);
  if (isString(match)) return unreadable(values, match);
  const wanted = match instanceof Set && match.size === 1 ? (given[0] as string) : match;
  return testOf('attribute', wanted, negated, attribute);
}

function unreadable(place: Place, code: IssueCode): Test {
  report(place, code);
  return NEVER;
}

/** All tests are made here, so that engines see one shape. */
function testOf(form: Test['form'], wanted: unknown, negated = false, attribute?: AttributePath): Test {
  return { form, wanted, negated, attribute } as Test;
}
