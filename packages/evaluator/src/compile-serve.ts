/** From what a rule or the fallthrough serves to its compiled form: one variant, or a split. */
import { attributePath } from './attribute.ts';
import type { CompiledServe } from './compiled.ts';
import { hashStart } from './hash.ts';
import { isObject, isText, listAt, type Report } from './json.ts';
import { errorOutcome, type Outcomes, variantOutcome } from './outcomes.ts';
import type { Reason } from './resolution.ts';
import { WEIGHT_SCALE } from './rule-set.ts';

/** `reason` is that of a single variant; a split that really splits gives SPLIT. */
export function compileServe(json: unknown, path: string, reason: Reason, outcomes: Outcomes, report: Report): CompiledServe {
  const served = isObject(json) ? json : {};
  if (Object.hasOwn(served, 'variant') === Object.hasOwn(served, 'split')) report('malformed', path);
  if (isObject(served.split)) return compileSplit(served.split, `${path}/split`, reason, outcomes, report);
  if (Object.hasOwn(served, 'split')) report('malformed', `${path}/split`);
  const variant = readVariant(served.variant, `${path}/variant`, outcomes, report);
  return { outcome: variantOutcome(outcomes, variant, reason), split: undefined };
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
): CompiledServe {
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
  if (whole !== undefined) return { outcome: variantOutcome(outcomes, whole.variant, reason, whole.extra), split: undefined };
  let end = 0;
  const shares = entries.map(({ variant, weight, extra }) => {
    end += weight;
    return { end, resolution: variantOutcome(outcomes, variant, 'SPLIT', extra) };
  });
  const missing = errorOutcome('TARGETING_KEY_MISSING', outcomes.metadata);
  return {
    outcome: undefined,
    split: {
      by: attributePath(isText(by) ? by : ''),
      salted: hashStart(`${typeof salt === 'string' ? salt : ''}:`),
      shares,
      missing,
    },
  };
}
