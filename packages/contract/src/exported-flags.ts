/** Lines of an export as far as somebody who reads flags needs them; the server reads and writes the whole of each. */
import { z } from 'zod';
import { FLAG_KINDS, FLAG_TYPES, variants } from './entities.ts';
import { flagKey } from './names.ts';

export const exportedProject = z.object({ id: z.string(), key: z.string() });

export const exportedFlag = z.object({
  id: z.string(),
  projectId: z.string(),
  key: flagKey,
  kind: z.enum(FLAG_KINDS),
  type: z.enum(FLAG_TYPES),
  variants,
  description: z.string().default(''),
  archivedAt: z.string().nullable().default(null),
});

export const exportedFlagEnvironment = z.object({ flagId: z.string(), offVariant: z.string().nullable().default(null) });
