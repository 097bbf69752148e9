/** From what a rule or the fallthrough serves to its compiled form: one variant, or a split. */
import { attributePath } from './attribute.ts';
import type { CompiledServe } from './compiled.ts';
import { hashStart } from './hash.ts';
import { isString, isText } from './json.ts';
import { errorOutcome, type Outcomes, variantOutcome } from './outcomes.ts';
import { at, elements, list, type Place, read, report } from './place.ts';
import type { Reason } from './resolution.ts';
import { WEIGHT_SCALE } from './rule-set.ts';

/** `reason` is that of a single variant; a split that really splits gives SPLIT. */
export function compileServe(place: Place, outcomes: Outcomes, reason: Reason): CompiledServe {
  const variant = at(place, 'variant');
  const split = at(place, 'split');
  if ((variant.json === undefined) === (split.json === undefined)) report(place, 'malformed');
  return split.json === undefined
    ? { outcome: variantOutcome(outcomes, readVariant(variant, outcomes), reason), split: undefined }
    : compileSplit(split, outcomes, reason);
}

/** A variant's name; undefined, and reported, if there is no such readable variant. */
export function readVariant(place: Place, { values }: Outcomes): string | undefined {
  return read(place, (json) => isString(json) && values.has(json), 'unknown_variant');
}

function compileSplit(split: Place, outcomes: Outcomes, reason: Reason): CompiledServe {
  const by = read<string>(at(split, 'by'), isText) ?? '';
  const salt = read<string>(at(split, 'salt'), isString);
  read(at(split, 'hash'), (json) => json === 2, 'unsupported');

  const weights = at(split, 'weights');
  let end = 0;
  let whole: CompiledServe | undefined;
  const shares = elements(weights).map((entry) => {
    const [, , label] = list(entry);
    const variant = readVariant(at(entry, 0), outcomes);
    const weight = read<number>(at(entry, 1), isWeight, 'weights') ?? Number.NaN;
    const extra = isString(label) ? { label } : undefined;
    if (weight === WEIGHT_SCALE) whole = { outcome: variantOutcome(outcomes, variant, reason, extra), split: undefined };
    end += weight;
    return { end, resolution: variantOutcome(outcomes, variant, 'SPLIT', extra) };
  });
  if (end !== WEIGHT_SCALE) report(weights, 'weights');
  const missing = errorOutcome('TARGETING_KEY_MISSING', outcomes.metadata);
  return (
    whole ?? {
      outcome: undefined,
      split: { by: attributePath(by), salted: hashStart(`${salt}:`), shares, missing },
    }
  );
}

function isWeight(json: unknown): boolean {
  return Number.isInteger(json) && (json as number) >= 0;
}
