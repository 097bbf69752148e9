/** Which flags of an environment flagd can decide too. */
import { z } from 'zod';
import { environmentKey, flagKey } from './names.ts';

/** Answer of `GET …/environments/{environment}/portability`. */
export const portabilityReport = z
  .object({
    environment: environmentKey,
    revision: z.int(),
    /** The flags that only our SDKs and OFREP decide, each with every reason; all others are portable. */
    obstacles: z.record(
      flagKey,
      z.array(
        z.object({
          /** One of docs/flagd.md, for example `operator`. */
          code: z.string(),
          /** JSON Pointer into the rule set; may lie in a segment that the flag uses. */
          path: z.string(),
        }),
      ),
    ),
  })
  .meta({ id: 'PortabilityReport' });
export type PortabilityReport = z.infer<typeof portabilityReport>;
