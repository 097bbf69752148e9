/** What edits of projects, their attributes, environments and segments, and of teams consist of. */
import { z } from 'zod';
import { ATTRIBUTE_TYPES, ENVIRONMENT_COLORS, hygieneWindows } from './entities.ts';
import { environmentKey, projectKey, reason, segmentKey, teamKey } from './names.ts';
import { segmentConfiguration } from './rules.ts';

const name = z.string().trim().min(1).max(200);
/** Ten years, as far ahead as an expiry may lie. */
const MAX_EXPIRY_DAYS = 3_650;

export const createProjectInput = z.strictObject({ key: projectKey, name, reason });
/** Members left out keep their value. */
export const updateProjectInput = z.strictObject({
  name: name.optional(),
  /** Given to a temporary flag that names no expiry of its own; flags that exist keep theirs. */
  defaultExpiryDays: z.int().min(1).max(MAX_EXPIRY_DAYS).optional(),
  /** Those left out keep their value. */
  hygiene: hygieneWindows.partial().strict().optional(),
  reason,
});

export const setAttributeInput = z.strictObject({
  type: z.enum(ATTRIBUTE_TYPES),
  sensitive: z.boolean().default(false),
  description: z.string().max(1_000).default(''),
  reason,
});
export const deleteAttributeInput = z.strictObject({ reason });

export const createEnvironmentInput = z.strictObject({
  key: environmentKey,
  name,
  color: z.enum(ENVIRONMENT_COLORS).optional(),
  protected: z.boolean().default(false),
  /** Another environment of the project to be like: what flags serve and who belongs to segments. */
  copyFrom: z
    .strictObject({
      environment: environmentKey,
      /** True: what is on there is on here too. False: every flag starts off. */
      on: z.boolean().default(false),
    })
    .optional(),
  reason,
});
/** Members left out keep their value. */
export const updateEnvironmentInput = z.strictObject({
  name: name.optional(),
  color: z.enum(ENVIRONMENT_COLORS).optional(),
  protected: z.boolean().optional(),
  /** Place in the order of the project's environments, from 0; the others make room. */
  position: z.int().min(0).max(1_000).optional(),
  reason,
});

/** Leaves it to the server, where `seen` is given, whether the environment is behind that state. */
export const newEpochInput = z.strictObject({
  seen: z
    .strictObject({
      epoch: z.string().min(1).max(200),
      revision: z.int().min(0),
      /** Of the server view at that revision; null: not known. */
      digest: z
        .string()
        .regex(/^[0-9a-f]{16}$/)
        .nullable(),
    })
    .optional(),
  reason,
});

export const createSegmentInput = z.strictObject({ key: segmentKey, name, reason, ...segmentConfiguration.partial().shape });
export const updateSegmentInput = z.strictObject({ name: name.optional(), reason });
export const configureSegmentInput = segmentConfiguration.partial().extend({ reason });
export const deleteSegmentInput = z.strictObject({ reason });

/** Names of users. */
const members = z.array(z.string().min(1).max(200)).max(1_000);
export const createTeamInput = z.strictObject({ key: teamKey, name, members: members.default([]), reason });
/** Members left out keep their value; `members` is the whole list. */
export const updateTeamInput = z.strictObject({ name: name.optional(), members: members.optional(), reason });
export const deleteTeamInput = z.strictObject({ reason });
