import { type Serve, type Split, WEIGHT_SCALE } from '../rule-set.ts';
import { readAttribute } from './attribute.ts';
import type { Logic, ReportObstacle } from './definition.ts';
import { firstOf, isUnit } from './logic.ts';

const ASCII = /^[ -~]*$/;

/** The variant served, or null for the code default. */
export function translateServe(serve: Serve, path: string, report: ReportObstacle): Logic {
  return 'split' in serve ? translateSplit(serve.split, `${path}/split`, report) : serve.variant;
}

/**
 * Hash 2 is flagd's own arithmetic: with the hashed text given explicitly every unit keeps its bucket. A missing
 * unit gives null, since flagd would hash the bare salt.
 */
function translateSplit({ by, salt, weights }: Split, path: string, report: ReportObstacle): Logic {
  const whole = weights.find(([, weight]) => weight === WEIGHT_SCALE);
  if (whole !== undefined) return whole[0];
  if (!ASCII.test(salt)) report('salt', `${path}/salt`);
  const unit = readAttribute(by, `${path}/by`, report);
  const shares = weights.map(([variant, weight]) => [variant, weight]);
  return firstOf([[isUnit(unit), { fractional: [{ cat: [`${salt}:`, unit] }, ...shares] }]], null);
}
