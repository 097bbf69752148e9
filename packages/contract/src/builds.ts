/** Builds in the wild: which commits of which apps run, as SDKs say or as `yardarm deployed` does. */
import { z } from 'zod';
import { environmentKey } from './names.ts';

/** Whole in uploads; a build that runs may say a beginning of it, of 7 characters at least. */
export const commitHash = z
  .string()
  .regex(/^[0-9a-f]{7,64}$/, 'A commit is 7 to 64 hexadecimal digits in lower case, as git prints it.');

/** `POST /projects/{project}/environments/{environment}/deployments`, answered with the build as it stands. */
export const deployInput = z.strictObject({
  app: z.string().trim().min(1).max(100),
  /** Null: the app does not run there any more. */
  commit: commitHash.nullable(),
  version: z.string().trim().min(1).max(100).nullable().default(null),
  /** Left out: now. */
  at: z.iso.datetime({ offset: true }).optional(),
});
export type DeployInput = z.input<typeof deployInput>;

/** `connected`: an SDK says that it is this build. `deployed`: somebody said that it runs there. */
export const BUILD_SOURCES = ['connected', 'deployed'] as const;

export const build = z
  .object({
    source: z.enum(BUILD_SOURCES),
    environment: environmentKey,
    /** Of those connected. */
    keyKind: z.enum(['server', 'client']).nullable(),
    app: z.string().nullable(),
    version: z.string().nullable(),
    /** Null: it does not say. */
    commit: z.string().nullable(),
    /** Connected now; null of what was deployed. */
    instances: z.int().nullable(),
    /** Of what was deployed, when; null of what is connected now. */
    deployedAt: z.iso.datetime().nullable(),
    /** Whether the references of all of its commit were uploaded: without them it is not known what it names. */
    hasReferences: z.boolean(),
  })
  .meta({ id: 'Build' });
export type Build = z.infer<typeof build>;

/**
 * `GET /projects/{project}/builds`. `complete`: false while more builds are connected than are told apart, while a server of another version
 * has readers, and for ten minutes after a server started or ended: instances are on their way.
 */
export const builds = z.object({ items: z.array(build), complete: z.boolean() }).meta({ id: 'Builds' });
export type Builds = z.infer<typeof builds>;
