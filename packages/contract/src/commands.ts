/**
 * Commands: every mutation is one plain JSON object `{ type, target, input, baseVersions? }`, run by one
 * function on the server. Routes, the CLI and the seed only build commands; nothing else writes.
 */
import { z } from 'zod';
import {
  archiveFlagInput,
  archiveFlagsInput,
  configureFlagInput,
  createFlagInput,
  killFlagsInput,
  snoozeFlagInput,
  switchFlagInput,
  unsnoozeFlagInput,
  updateFlagInput,
  updateFlagsInput,
} from './flag-inputs.ts';
import { changeId, copyEnvironmentInput, copyFlagInput, revertChangeInput, revertEnvironmentInput } from './history.ts';
import { identityCommands } from './identity.ts';
import { attributeName, environmentKey, flagKey, projectKey, reason, segmentKey, teamKey, version } from './names.ts';
import {
  configureSegmentInput,
  createEnvironmentInput,
  createProjectInput,
  createSegmentInput,
  createTeamInput,
  deleteAttributeInput,
  deleteSegmentInput,
  deleteTeamInput,
  newEpochInput,
  setAttributeInput,
  updateEnvironmentInput,
  updateProjectInput,
  updateSegmentInput,
  updateTeamInput,
} from './project-inputs.ts';
import { webhookCommands } from './webhooks.ts';

const keyName = z.string().trim().min(1).max(200);
/** As browsers send it in `Origin`: scheme, host and port where it is not the scheme's own; no path, no pattern. */
const origin = z
  .string()
  .max(300)
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
/** What whoever looked at the change has to say. */
export const closeReviewInput = z.strictObject({ note: z.string().trim().min(1).max(1_000), reason });
export const revokeKeyInput = z.strictObject({ reason });

export const exportInput = z.strictObject({ secrets: z.boolean(), history: z.boolean(), reason });
/** The file itself goes beside the command. */
export const importInput = z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/), reason });

const inProject = z.strictObject({ project: projectKey });
const inEnvironment = inProject.extend({ environment: environmentKey });
const flagInProject = inProject.extend({ flag: flagKey });
const segmentInProject = inProject.extend({ segment: segmentKey });
const attributeInProject = inProject.extend({ attribute: attributeName });
const oneTeam = z.strictObject({ team: teamKey });
const flagInEnvironment = inEnvironment.extend({ flag: flagKey });
const keyInEnvironment = inEnvironment.extend({ id: z.uuid() });

export const command = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('project.create'), target: z.strictObject({}), input: createProjectInput }),
  z.strictObject({
    type: z.literal('project.update'),
    target: inProject,
    input: updateProjectInput,
    baseVersions: z.strictObject({ project: version }),
  }),
  z.strictObject({
    type: z.literal('attribute.set'),
    target: attributeInProject,
    input: setAttributeInput,
    /** Null: of an attribute that is not there yet. */
    baseVersions: z.strictObject({ attribute: version.nullable() }),
  }),
  z.strictObject({
    type: z.literal('attribute.delete'),
    target: attributeInProject,
    input: deleteAttributeInput,
    baseVersions: z.strictObject({ attribute: version }),
  }),
  z.strictObject({ type: z.literal('environment.create'), target: inProject, input: createEnvironmentInput }),
  z.strictObject({
    type: z.literal('environment.update'),
    target: inEnvironment,
    input: updateEnvironmentInput,
    baseVersions: z.strictObject({ environment: version }),
  }),
  z.strictObject({ type: z.literal('environment.new_epoch'), target: inEnvironment, input: newEpochInput }),
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
  z.strictObject({ type: z.literal('flag.kill_many'), target: inEnvironment, input: killFlagsInput }),
  z.strictObject({ type: z.literal('flag.update_many'), target: inProject, input: updateFlagsInput }),
  z.strictObject({ type: z.literal('flag.archive_many'), target: inProject, input: archiveFlagsInput }),
  z.strictObject({ type: z.literal('flag.archive'), target: flagInProject, input: archiveFlagInput }),
  z.strictObject({ type: z.literal('flag.unarchive'), target: flagInProject, input: archiveFlagInput }),
  z.strictObject({ type: z.literal('flag.snooze'), target: flagInProject, input: snoozeFlagInput }),
  z.strictObject({ type: z.literal('flag.unsnooze'), target: flagInProject, input: unsnoozeFlagInput }),
  /** Tells owners of flags that wait for them. No route: of the server itself, once a day. */
  z.strictObject({ type: z.literal('hygiene.digest'), target: inProject, input: z.strictObject({ reason }) }),
  z.strictObject({ type: z.literal('segment.create'), target: inProject, input: createSegmentInput }),
  z.strictObject({
    type: z.literal('segment.configure'),
    target: inEnvironment.extend({ segment: segmentKey }),
    input: configureSegmentInput,
    baseVersions: z.strictObject({ configuration: version }),
  }),
  z.strictObject({
    type: z.literal('segment.update'),
    target: segmentInProject,
    input: updateSegmentInput,
    baseVersions: z.strictObject({ segment: version }),
  }),
  z.strictObject({
    type: z.literal('segment.delete'),
    target: segmentInProject,
    input: deleteSegmentInput,
    baseVersions: z.strictObject({ segment: version }),
  }),
  z.strictObject({ type: z.literal('team.create'), target: z.strictObject({}), input: createTeamInput }),
  z.strictObject({
    type: z.literal('team.update'),
    target: oneTeam,
    input: updateTeamInput,
    baseVersions: z.strictObject({ team: version }),
  }),
  z.strictObject({
    type: z.literal('team.delete'),
    target: oneTeam,
    input: deleteTeamInput,
    baseVersions: z.strictObject({ team: version }),
  }),
  z.strictObject({ type: z.literal('instance.export'), target: z.strictObject({}), input: exportInput }),
  z.strictObject({ type: z.literal('instance.import'), target: z.strictObject({}), input: importInput }),
  z.strictObject({ type: z.literal('key.create'), target: inEnvironment, input: createKeyInput }),
  z.strictObject({ type: z.literal('key.update'), target: keyInEnvironment, input: updateKeyInput }),
  z.strictObject({ type: z.literal('key.rotate'), target: keyInEnvironment, input: rotateKeyInput }),
  z.strictObject({
    type: z.literal('review.close'),
    /** Without a project: a review of a change of the instance. */
    target: z.strictObject({ project: projectKey.optional(), id: z.uuid() }),
    input: closeReviewInput,
  }),
  z.strictObject({ type: z.literal('key.revoke'), target: keyInEnvironment, input: revokeKeyInput }),
  ...webhookCommands,
  ...identityCommands,
]);
export type Command = z.infer<typeof command>;
export type CommandOf<T extends Command['type']> = Extract<Command, { type: T }>;
