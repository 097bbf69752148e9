/** What GrowthBook's conversion of types comes to. */

export const LISTS =
  'A list as attribute is compared as a whole or as a text there, and by each of its members here; an object matches no comparison here, and text such as `5.0` no number.';

/** Which scalars equal the value once GrowthBook has converted them to its type, and whether a missing attribute does. */
export function equalAfterConversion(wanted: string | number): {
  readonly values: (string | number | boolean)[];
  readonly orMissing: boolean;
} {
  const others: (string | number | boolean)[] =
    typeof wanted === 'string' ? [Number(wanted), true, false] : [String(wanted), '', true, false];
  const isEqual = (value: unknown) => (typeof wanted === 'string' ? String(value) : Number(value)) === wanted;
  const isExact = (value: unknown) => typeof value !== 'number' || Number.isFinite(value);
  return { values: [wanted, ...others.filter((value) => isExact(value) && isEqual(value))], orMissing: isEqual(null) };
}
