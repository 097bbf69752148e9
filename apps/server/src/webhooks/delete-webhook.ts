import type { CommandOf } from '@yardarm/contract';
import { eq } from 'drizzle-orm';
import { chainOf, lockChain } from '../audit/link-change-set.ts';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { webhookDeliveries, webhooks } from '../db/webhook-tables.ts';
import { requireVersion } from '../http/entity-tag.ts';
import { findProject } from '../projects/project-store.ts';
import { findWebhook, presentWebhook, toWebhookRecord } from './webhook-store.ts';

/** With whatever it was still to be told. Throws `not_found`, `stale_version`. */
export async function deleteWebhook(
  { tx, record }: CommandContext,
  { target, baseVersions }: CommandOf<'webhook.delete'>,
): Promise<null> {
  const project = await findProject(tx, target.project);
  // First the lock that others take last: a kill that queues its deliveries waits for no row that waits for it.
  await lockChain(tx, chainOf(project.id));
  const row = await findWebhook(tx, project, target.id);
  requireVersion(baseVersions.webhook, presentWebhook(row), `Webhook '${row.name}'`);
  await tx.delete(webhookDeliveries).where(eq(webhookDeliveries.webhookId, row.id));
  await tx.delete(webhooks).where(eq(webhooks.id, row.id));
  await record(await lockHeads(tx, []), {
    projectId: project.id,
    changes: [{ kind: 'webhook', key: row.id, environmentId: null, before: toWebhookRecord(row), after: null }],
    bodies: [],
  });
  return null;
}
