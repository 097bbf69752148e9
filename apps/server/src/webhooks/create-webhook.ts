import { randomUUID } from 'node:crypto';
import type { CommandOf, Webhook } from '@yardarm/contract';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { webhooks } from '../db/webhook-tables.ts';
import { findProject } from '../projects/project-store.ts';
import { requireFilters } from './require-filters.ts';
import { presentWebhook, toWebhookRecord } from './webhook-store.ts';

/** The answer is the only place where the key of its signatures ever appears. */
export async function createWebhook(
  { tx, mintSecret, secretBox, record }: CommandContext,
  command: CommandOf<'webhook.create'>,
): Promise<Webhook & { secret: string }> {
  if (secretBox === null) throw new Error('A webhook cannot be made without the means to keep its secret.');
  const project = await findProject(tx, command.target.project);
  const { reason: _reason, ...fields } = command.input;
  await requireFilters(tx, project, fields);
  const id = randomUUID();
  const secret = mintSecret('yh_');
  const [row] = await tx
    .insert(webhooks)
    .values({ ...fields, id, projectId: project.id, secret: secretBox.seal(secret, id) })
    .returning();
  if (row === undefined) throw new Error('The webhook was not inserted.');
  await record(await lockHeads(tx, []), {
    projectId: project.id,
    changes: [{ kind: 'webhook', key: id, environmentId: null, before: null, after: toWebhookRecord(row) }],
    bodies: [],
  });
  return { ...presentWebhook(row), secret };
}
