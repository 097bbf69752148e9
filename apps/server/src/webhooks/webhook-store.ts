/** Reads webhooks, and says of them what the API and the history say. */
import type { Webhook } from '@yardarm/contract';
import { and, eq } from 'drizzle-orm';
import type { Database, Tx } from '../db/client.ts';
import { webhooks } from '../db/webhook-tables.ts';
import { AppError } from '../errors.ts';

export type WebhookRow = typeof webhooks.$inferSelect;

/** Throws `not_found`. */
export async function findWebhook(db: Database | Tx, project: { id: string; key: string }, id: string): Promise<WebhookRow> {
  const [row] = await db
    .select()
    .from(webhooks)
    .where(and(eq(webhooks.id, id), eq(webhooks.projectId, project.id)));
  if (row === undefined) throw new AppError('not_found', `Project '${project.key}' has no webhook ${id}.`);
  return row;
}

/** Without the secret, which is answered once. */
export function presentWebhook(row: WebhookRow): Webhook {
  const { id, name, url, format, commands, environments, owners, enabled, failures, version } = row;
  return {
    ...{ id, name, url, format, commands, environments, owners, enabled, failures, version },
    pausedUntil: row.pausedUntil?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
  };
}

/** As the history shows it, to more people than may read the webhook: the path of an address is often a secret of its own. */
export function toWebhookRecord({ id, name, url, format, commands, environments, owners, enabled }: WebhookRow) {
  return { id, name, target: new URL(url).origin, format, commands, environments, owners, enabled };
}
