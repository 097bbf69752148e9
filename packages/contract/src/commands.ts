/**
 * Commands: every mutation is one plain JSON object `{ type, target, input, baseVersions? }`, run by one
 * function on the server. Routes, the CLI and the seed only build commands; nothing else writes.
 */
import { z } from 'zod';
import { FLAG_KINDS, FLAG_TYPES, variants } from './entities.ts';
import { changeId, copyEnvironmentInput, copyFlagInput, revertChangeInput, revertEnvironmentInput } from './history.ts';
import { day, environmentKey, flagKey, projectKey, reason, segmentKey, version } from './names.ts';
import { flagConfiguration, segmentConfiguration } from './rules.ts';

export const createProjectInput = z.strictObject({ key: projectKey, name: z.string().trim().min(1).max(200), reason });
export const createEnvironmentInput = z.strictObject({
  key: environmentKey,
  name: z.string().trim().min(1).max(200),
  protected: z.boolean().default(false),
  reason,
});

const description = z.string().max(10_000);
const owner = z.string().trim().min(1).max(200).nullable();
const tags = z.array(z.string().trim().min(1).max(64)).max(50);

/** Temporary flags need an owner and an expiry. */
export function isTemporary(kind: (typeof FLAG_KINDS)[number]): boolean {
  return kind === 'release' || kind === 'experiment';
}

/** Release and experiment flags are temporary: they need an owner, and expire in 90 days unless told otherwise. */
export const createFlagInput = z
  .strictObject({
    key: flagKey,
    kind: z.enum(FLAG_KINDS).default('release'),
    type: z.enum(FLAG_TYPES).default('boolean'),
    description: description.default(''),
    variants,
    offVariant: flagConfiguration.shape.offVariant.optional(),
    /** What every environment serves once the flag is switched on there. */
    fallthrough: flagConfiguration.shape.fallthrough.optional(),
    clientSide: z.boolean().default(false),
    owner: owner.default(null),
    expiresOn: day.nullable().optional(),
    tags: tags.default([]),
    reason,
  })
  .superRefine((input, context) => {
    const temporary = isTemporary(input.kind);
    if (temporary && input.owner === null)
      context.addIssue({
        code: 'custom',
        path: ['owner'],
        message: `A ${input.kind} flag needs an owner, so that somebody removes it.`,
      });
    if (temporary && input.expiresOn === null)
      context.addIssue({
        code: 'custom',
        path: ['expiresOn'],
        message: `A ${input.kind} flag needs an expiry; leave it out for 90 days from now.`,
      });
    for (const [name, value] of Object.entries(input.variants)) {
      const type = typeof value === 'object' ? 'object' : typeof value;
      if (type !== input.type)
        context.addIssue({
          code: 'custom',
          path: ['variants', name],
          message: `Variant '${name}' is a ${type}, but the flag's type is ${input.type}.`,
        });
    }
  });
export type CreateFlagInput = z.input<typeof createFlagInput>;

/** What the project says about a flag. Members left out keep their value; of a temporary flag, owner and expiry stay. */
export const updateFlagInput = z.strictObject({
  description: description.optional(),
  owner: owner.optional(),
  expiresOn: day.nullable().optional(),
  tags: tags.optional(),
  reason,
});

/** Members left out keep their value. */
export const configureFlagInput = flagConfiguration.partial().extend({ reason });
export const switchFlagInput = z.strictObject({ reason });
export const createSegmentInput = z.strictObject({
  key: segmentKey,
  name: z.string().trim().min(1).max(200),
  reason,
  ...segmentConfiguration.partial().shape,
});
export const configureSegmentInput = segmentConfiguration.partial().extend({ reason });
const keyName = z.string().trim().min(1).max(200);
/** As browsers send it in `Origin`: scheme, host and port where it is not the scheme's own; no path, no pattern. */
const origin = z
  .string()
  .refine(isOrigin, 'An origin is what browsers send: https://shop.example.com, in lower case and without a path.');
const allowedOrigins = z.array(origin).max(50);
function isOrigin(text: string): boolean {
  return /^https?:\/\/[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

export const createKeyInput = z
  .strictObject({
    kind: z.enum(['server', 'client']),
    name: keyName,
    /** Of pages that may use a client key; empty: any. */
    allowedOrigins: allowedOrigins.default([]),
    reason,
  })
  .refine(({ kind, allowedOrigins }) => kind === 'client' || allowedOrigins.length === 0, {
    path: ['allowedOrigins'],
    message: 'Only a client key has allowed origins: a server key is never used by a page.',
  });
/** Members left out keep their value. */
export const updateKeyInput = z.strictObject({ name: keyName.optional(), allowedOrigins: allowedOrigins.optional(), reason });
/** `overlapHours`: how long the old key goes on working beside the new one. */
export const rotateKeyInput = z.strictObject({ overlapHours: z.number().min(0).max(720).default(24), reason });
export const revokeKeyInput = z.strictObject({ reason });

const inProject = z.strictObject({ project: projectKey });
const inEnvironment = inProject.extend({ environment: environmentKey });
const flagInProject = inProject.extend({ flag: flagKey });
const flagInEnvironment = inEnvironment.extend({ flag: flagKey });
const keyInEnvironment = inEnvironment.extend({ id: z.uuid() });

export const command = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('project.create'), target: z.strictObject({}), input: createProjectInput }),
  z.strictObject({ type: z.literal('environment.create'), target: inProject, input: createEnvironmentInput }),
  z.strictObject({ type: z.literal('flag.create'), target: inProject, input: createFlagInput }),
  z.strictObject({
    type: z.literal('flag.update'),
    target: flagInProject,
    input: updateFlagInput,
    baseVersions: z.strictObject({ flag: version }),
  }),
  z.strictObject({
    type: z.literal('flag.configure'),
    target: flagInEnvironment,
    input: configureFlagInput,
    baseVersions: z.strictObject({ configuration: version }),
  }),
  z.strictObject({ type: z.literal('flag.kill'), target: flagInEnvironment, input: switchFlagInput }),
  z.strictObject({ type: z.literal('flag.unkill'), target: flagInEnvironment, input: switchFlagInput }),
  z.strictObject({
    type: z.literal('flag.copy'),
    target: flagInEnvironment,
    input: copyFlagInput,
    baseVersions: z.strictObject({ configuration: version }),
  }),
  z.strictObject({ type: z.literal('environment.copy'), target: inEnvironment, input: copyEnvironmentInput }),
  z.strictObject({ type: z.literal('environment.revert'), target: inEnvironment, input: revertEnvironmentInput }),
  z.strictObject({ type: z.literal('change.revert'), target: inProject.extend({ change: changeId }), input: revertChangeInput }),
  z.strictObject({ type: z.literal('segment.create'), target: inProject, input: createSegmentInput }),
  z.strictObject({
    type: z.literal('segment.configure'),
    target: inEnvironment.extend({ segment: segmentKey }),
    input: configureSegmentInput,
    baseVersions: z.strictObject({ configuration: version }),
  }),
  z.strictObject({ type: z.literal('key.create'), target: inEnvironment, input: createKeyInput }),
  z.strictObject({ type: z.literal('key.update'), target: keyInEnvironment, input: updateKeyInput }),
  z.strictObject({ type: z.literal('key.rotate'), target: keyInEnvironment, input: rotateKeyInput }),
  z.strictObject({ type: z.literal('key.revoke'), target: keyInEnvironment, input: revokeKeyInput }),
]);
export type Command = z.infer<typeof command>;
export type CommandOf<T extends Command['type']> = Extract<Command, { type: T }>;
