import type { CommandOf, Webhook } from '@yardarm/contract';
import { eq } from 'drizzle-orm';
import { chainOf, lockChain } from '../audit/link-change-set.ts';
import type { CommandContext } from '../changes/command-context.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { webhooks } from '../db/webhook-tables.ts';
import { requireVersion } from '../http/entity-tag.ts';
import { findProject } from '../projects/project-store.ts';
import { requireFilters } from './require-filters.ts';
import { findWebhook, presentWebhook, toWebhookRecord } from './webhook-store.ts';

/** An edit ends a pause, so that a corrected address is tried at once. Throws `not_found`, `stale_version`. */
export async function updateWebhook(
  { tx, record }: CommandContext,
  { target, input, baseVersions }: CommandOf<'webhook.update'>,
): Promise<Webhook> {
  const project = await findProject(tx, target.project);
  // First the lock that others take last: a kill that queues its deliveries waits for no row that waits for it.
  await lockChain(tx, chainOf(project.id));
  const row = await findWebhook(tx, project, target.id);
  requireVersion(baseVersions.webhook, presentWebhook(row), `Webhook '${row.name}'`);
  const { reason: _reason, ...fields } = input;
  await requireFilters(tx, project, fields);
  const [written] = await tx
    .update(webhooks)
    .set({ ...fields, failures: 0, pausedUntil: null, version: row.version + 1 })
    .where(eq(webhooks.id, row.id))
    .returning();
  if (written === undefined) throw new Error(`Webhook ${row.id} was not updated.`);
  const change = { before: toWebhookRecord(row), after: toWebhookRecord(written) };
  await record(await lockHeads(tx, []), {
    projectId: project.id,
    changes: [{ kind: 'webhook', key: row.id, environmentId: null, ...change }],
    bodies: [],
  });
  return presentWebhook(written);
}
