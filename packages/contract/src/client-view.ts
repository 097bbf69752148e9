/** What browsers can read out of an environment. */
import { z } from 'zod';
import { flag, flagEnvironment, segment } from './entities.ts';
import { environmentKey } from './names.ts';

export const EXPOSURE_CODES = ['readable_values', 'personal_values', 'secret_variant'] as const;

/** One place that everybody with the client key, hence everybody, can read. */
export const exposure = z
  .object({
    code: z.enum(EXPOSURE_CODES),
    /** JSON Pointer into the rule set. */
    path: z.string(),
    message: z.string(),
  })
  .meta({ id: 'Exposure' });
export type Exposure = z.infer<typeof exposure>;

/** Answer of `GET …/environments/{environment}/client-view`. */
export const clientViewReport = z
  .object({
    environment: environmentKey,
    revision: z.int(),
    /** Of the whole view as JSON, uncompressed. */
    bytes: z.int(),
    maxBytes: z.int(),
    /** Keys of the flags that browsers receive. */
    flags: z.array(z.string()),
    exposes: z.array(exposure),
  })
  .meta({ id: 'ClientView' });
export type ClientViewReport = z.infer<typeof clientViewReport>;

/** Of an edit: what the place that was written shows browsers. Absent where it shows nothing. */
const exposes = { exposes: z.array(exposure).optional() };

/** Answer of kill, unkill and an edit: the flag in that environment, and the revision at which it stands so. */
export const committedFlag = z.object({ flag: flagEnvironment, revision: z.int(), ...exposes });
export type CommittedFlag = z.infer<typeof committedFlag>;

export const updatedFlag = flag.extend(exposes);
export type UpdatedFlag = z.infer<typeof updatedFlag>;

/** Answer of an edit: its members in that environment, and the revision at which they stand so. */
export const configuredSegment = segment.shape.environments.element.extend({ revision: z.int(), ...exposes });
export type ConfiguredSegment = z.infer<typeof configuredSegment>;
