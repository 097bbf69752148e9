/** Any JSON. Walked by hand: zod tries every kind on every value, which took 10 s for 4 MiB of empty objects, in which nobody was served. */
import { z } from 'zod';

type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue };

export const jsonValue = z
  .unknown()
  .refine(
    isJson,
    'Expected JSON: text, true, false, null, a number that is not too large for JavaScript, or lists and objects of these.',
  )
  .meta({ id: 'Json' }) as z.ZodType<JsonValue>;

/** A number such as 1e999 is read as infinite, and has no JSON text. */
function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null)
    return value === null || typeof value === 'string' || typeof value === 'boolean';
  return Object.values(value).every(isJson);
}
