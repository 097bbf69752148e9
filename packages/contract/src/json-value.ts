/** Any JSON. zod's own refers to itself without a name, which the description of the API could not point to. */
import { z } from 'zod';

type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue };

export const jsonValue: z.ZodType<JsonValue> = z
  .lazy(() => z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(jsonValue), z.record(z.string(), jsonValue)]))
  .meta({ id: 'Json' });
