/** Webhooks: what the management API takes and answers, and the commands that change them. */
import { z } from 'zod';
import { environmentKey, projectKey, reason, version } from './names.ts';

export const WEBHOOK_FORMATS = ['generic', 'slack'] as const;

/** Structure only; where it leads is looked at by the server, on save, on test and on each send. */
const url = z
  .string()
  .max(2_048)
  .refine((text) => /^https?:\/\//i.test(text) && URL.canParse(text), 'An address begins with https:// or http://.');

const fields = {
  name: z.string().trim().min(1).max(200),
  url,
  format: z.enum(WEBHOOK_FORMATS),
  /** Types of commands that it is told of, for example `flag.kill`; empty: all. */
  commands: z.array(z.string().regex(/^[a-z_]+\.[a-z_]+$/, "A command looks like 'flag.kill'.")).max(50),
  /** Environments that it is told of; empty: all, and what touches none. */
  environments: z.array(environmentKey).max(50),
  /** Owners whose digests (`hygiene.digest`) it is told of; empty: of all. Bears on nothing else. */
  owners: z.array(z.string().trim().min(1).max(200)).max(50),
  enabled: z.boolean(),
};

export const createWebhookInput = z.strictObject({
  ...fields,
  format: fields.format.default('generic'),
  commands: fields.commands.default([]),
  environments: fields.environments.default([]),
  owners: fields.owners.default([]),
  enabled: fields.enabled.default(true),
  reason,
});
/** Members left out keep their value. */
export const updateWebhookInput = z.strictObject(fields).partial().extend({ reason });
export const deleteWebhookInput = z.strictObject({ reason });

export const webhook = z.object({
  id: z.uuid(),
  ...fields,
  /** Failures in a row. */
  failures: z.int(),
  /** Nothing is sent before: the target failed too often. */
  pausedUntil: z.iso.datetime().nullable(),
  version,
  createdAt: z.iso.datetime(),
  /** Key of the signature; answered once, when the webhook is made. */
  secret: z.string().optional(),
});
export type Webhook = z.infer<typeof webhook>;

/** What became of telling a webhook of one change set. */
export const webhookDelivery = z.object({
  id: z.int(),
  /** Change set, the first part of the ids of its changes. */
  changeSet: z.string(),
  command: z.string(),
  state: z.enum(['waiting', 'delivered', 'given_up']),
  attempts: z.int(),
  nextAttemptAt: z.iso.datetime().nullable(),
  deliveredAt: z.iso.datetime().nullable(),
  lastStatus: z.int().nullable(),
  lastError: z.string().nullable(),
  createdAt: z.iso.datetime(),
});
export type WebhookDelivery = z.infer<typeof webhookDelivery>;

export const webhookTest = z.object({ ok: z.boolean(), status: z.int().nullable(), error: z.string().nullable() });

const inProject = z.strictObject({ project: projectKey });
const oneWebhook = inProject.extend({ id: z.uuid() });
const baseVersions = z.strictObject({ webhook: version });
export const webhookCommands = [
  z.strictObject({ type: z.literal('webhook.create'), target: inProject, input: createWebhookInput }),
  z.strictObject({ type: z.literal('webhook.update'), target: oneWebhook, input: updateWebhookInput, baseVersions }),
  z.strictObject({ type: z.literal('webhook.delete'), target: oneWebhook, input: deleteWebhookInput, baseVersions }),
] as const;
