/** From what a rule or the fallthrough serves to a closure: one variant, or a split. */
import { attributeReader, unitText } from './attribute.ts';
import type { Decide } from './compiled.ts';
import { bucketOf } from './hash.ts';
import { isObject, isText, listAt, type Report } from './json.ts';
import { errorOutcome, type Outcomes, variantOutcome } from './outcomes.ts';
import type { Reason } from './resolution.ts';
import { WEIGHT_SCALE } from './rule-set.ts';

/** `reason` is that of a single variant; a split that really splits gives SPLIT. */
export function compileServe(json: unknown, path: string, reason: Reason, outcomes: Outcomes, report: Report): Decide {
  const served = isObject(json) ? json : {};
  if (Object.hasOwn(served, 'variant') === Object.hasOwn(served, 'split')) report('malformed', path);
  if (isObject(served.split)) return compileSplit(served.split, `${path}/split`, reason, outcomes, report);
  if (Object.hasOwn(served, 'split')) report('malformed', `${path}/split`);
  const variant = readVariant(served.variant, `${path}/variant`, outcomes, report);
  const resolution = variantOutcome(outcomes, variant, reason);
  return () => resolution;
}

/** A variant's name as JSON; null, and reported, if there is no such readable variant. */
export function readVariant(json: unknown, path: string, { values }: Outcomes, report: Report): string | null {
  if (typeof json === 'string' && values.has(json)) return json;
  report('unknown_variant', path);
  return null;
}

function compileSplit(
  split: { readonly [member: string]: unknown },
  path: string,
  reason: Reason,
  outcomes: Outcomes,
  report: Report,
): Decide {
  const { by, salt } = split;
  if (!isText(by)) report('malformed', `${path}/by`);
  if (typeof salt !== 'string') report('malformed', `${path}/salt`);
  if (split.hash !== 2) report('unsupported', `${path}/hash`);

  const entries = listAt(split.weights, `${path}/weights`, report).map((entry, index) => {
    const [variant, weight, label] = listAt(entry, `${path}/weights/${index}`, report);
    if (!Number.isInteger(weight) || (weight as number) < 0) report('weights', `${path}/weights/${index}/1`);
    return {
      variant: readVariant(variant, `${path}/weights/${index}/0`, outcomes, report),
      // A number whatever was there: arithmetic on an object may throw.
      weight: Number.isInteger(weight) ? (weight as number) : Number.NaN,
      extra: typeof label === 'string' ? { label } : undefined,
    };
  });
  if (entries.reduce((sum, { weight }) => sum + weight, 0) !== WEIGHT_SCALE) report('weights', `${path}/weights`);

  const whole = entries.find(({ weight }) => weight === WEIGHT_SCALE);
  if (whole !== undefined) {
    const resolution = variantOutcome(outcomes, whole.variant, reason, whole.extra);
    return () => resolution;
  }
  const read = attributeReader(isText(by) ? by : '');
  const missing = errorOutcome('TARGETING_KEY_MISSING', outcomes.metadata);
  let end = 0;
  const shares = entries.map(({ variant, weight, extra }) => {
    end += weight;
    return { end, resolution: variantOutcome(outcomes, variant, 'SPLIT', extra) };
  });
  return (context) => {
    const unit = unitText(read(context));
    if (unit === undefined) return missing;
    const bucket = bucketOf(salt as string, unit);
    for (const share of shares) if (bucket < share.end) return share.resolution;
    return missing;
  };
}
