/** Conditions and segments. Segments are written out where they are used: a definition stands alone. */
import type { Condition, SegmentConfiguration, Unit } from '../rule-set.ts';
import type { Logic, ReportObstacle } from './definition.ts';
import { and, isOneOf, not, or } from './logic.ts';
import { translateAttribute } from './operators.ts';

const TARGETING_KEY: Logic = { var: 'targetingKey' };

/** What a condition needs of its surroundings. */
export interface Scope {
  readonly report: ReportObstacle;
  /** Membership in a segment; reports the segment's own obstacles. */
  readonly segment: (key: string) => Logic;
}

/** A condition that the evaluator reads without issue. False, and reported, where flagd cannot say it. */
export function translateCondition(condition: Condition, path: string, scope: Scope): Logic {
  if ('all' in condition) return and(...parts(condition.all, `${path}/all`));
  if ('any' in condition) return or(...parts(condition.any, `${path}/any`));
  if ('not' in condition) return not(translateCondition(condition.not, `${path}/not`, scope));
  if ('segment' in condition) return scope.segment(condition.segment);
  if ('now' in condition) {
    const [instantMs = 0] = condition.values;
    // flagd counts whole seconds, so the two clocks pass a whole second at the same moment and no other.
    if (instantMs % 1_000 !== 0) scope.report('instant', `${path}/values/0`);
    return { [condition.now === 'before' ? '<' : '>=']: [{ var: '$flagd.timestamp' }, instantMs / 1_000] };
  }
  return translateAttribute(condition, path, scope.report);

  function parts(conditions: readonly Condition[], at: string): readonly Logic[] {
    return conditions.map((part, index) => translateCondition(part, `${at}/${index}`, scope));
  }
}

/** Membership in a segment: `include` wins over `exclude`, and both over `when`. */
export function translateSegment(segment: SegmentConfiguration, path: string, report: ReportObstacle): Logic {
  if (segment.hashed === true) report('hashed', `${path}/hashed`);
  const when = segment.when === null ? false : translateCondition(segment.when, `${path}/when`, { report, segment: () => false });
  return or(namesUnit(segment.include), and(not(namesUnit(segment.exclude)), when));
}

/** Whether the targetingKey is listed. An integer and its decimal text are the same unit. */
export function namesUnit(units: readonly Unit[] = []): Logic {
  const literals = units.flatMap((unit) => {
    const text = String(unit);
    const integer = Number(text);
    return Number.isSafeInteger(integer) && String(integer) === text ? [text, integer] : [text];
  });
  return isOneOf(TARGETING_KEY, literals);
}
