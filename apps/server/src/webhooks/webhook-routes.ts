/** `/api/v1/projects/{project}/webhooks` */
import {
  createWebhookInput,
  deleteWebhookInput,
  pageOf,
  projectKey,
  updateWebhookInput,
  webhook,
  webhookDelivery,
  webhookTest,
} from '@yardarm/contract';
import { and, asc, desc, eq, lt, sql } from 'drizzle-orm';
import { z } from 'zod';
import { callerOf } from '../auth/authenticate.ts';
import { executeCommand } from '../changes/execute-command.ts';
import { changeSets } from '../db/audit-tables.ts';
import type { Database } from '../db/client.ts';
import { webhookDeliveries, webhooks } from '../db/webhook-tables.ts';
import { AppError } from '../errors.ts';
import type { App, Management } from '../http/app-type.ts';
import { readIfMatch, toEntityTag } from '../http/entity-tag.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { cutPage, pageQuery } from '../http/page.ts';
import { findProject } from '../projects/project-store.ts';
import { EGRESS_TIMEOUT_MS, type Egress, EgressError } from './egress.ts';
import { type SendingOptions, sendOne } from './send-one.ts';
import { findWebhook, presentWebhook } from './webhook-store.ts';

const WEBHOOKS = '/api/v1/projects/:project/webhooks';
const params = z.object({ project: projectKey });
const oneWebhook = params.extend({ id: z.uuid() });
const oneDelivery = oneWebhook.extend({ delivery: z.coerce.number().int().positive() });
const deliveriesQuery = z.object({
  limit: pageQuery.shape.limit.default(50),
  cursor: z.coerce.number().int().positive().optional(),
});

export function registerWebhookRoutes(app: App, management: Management, sending: SendingOptions): void {
  const { db, secretBox } = { ...management, secretBox: sending.secretBox };
  const dependencies = { ...management, secretBox };

  app.get(
    WEBHOOKS,
    {
      config: { policy: 'webhook.read' },
      schema: { params, querystring: pageQuery, response: { 200: pageOf(webhook), ...ERROR_RESPONSES } },
    },
    async (request) => {
      const project = await findProject(db, request.params.project);
      const rows = await db
        .select()
        .from(webhooks)
        .where(eq(webhooks.projectId, project.id))
        .orderBy(asc(webhooks.createdAt), asc(webhooks.id));
      return cutPage(rows.map(presentWebhook), request.query, ({ id }) => id);
    },
  );

  app.post(
    WEBHOOKS,
    {
      config: { policy: 'webhook.create' },
      schema: { params, body: createWebhookInput, response: { 201: webhook, ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const { params: target, body: input } = request;
      await checkUrl(sending.egress, input.url);
      const answer = await executeCommand(dependencies, request, { type: 'webhook.create', target, input });
      return reply.header('cache-control', 'no-store').header('etag', toEntityTag(answer.version)).code(201).send(answer);
    },
  );

  app.get(
    `${WEBHOOKS}/:id`,
    { config: { policy: 'webhook.read' }, schema: { params: oneWebhook, response: { 200: webhook, ...ERROR_RESPONSES } } },
    async (request, reply) => {
      const row = await findWebhook(db, await findProject(db, request.params.project), request.params.id);
      return reply.header('etag', toEntityTag(row.version)).send(presentWebhook(row));
    },
  );

  app.patch(
    `${WEBHOOKS}/:id`,
    {
      config: { policy: 'webhook.update' },
      schema: { params: oneWebhook, body: updateWebhookInput, response: { 200: webhook, ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const { params: target, body: input } = request;
      const baseVersions = { webhook: readIfMatch(request.headers['if-match']) };
      if (input.url !== undefined) await checkUrl(sending.egress, input.url);
      const answer = await executeCommand(dependencies, request, { type: 'webhook.update', target, input, baseVersions });
      return reply.header('etag', toEntityTag(answer.version)).send(answer);
    },
  );

  app.delete(
    `${WEBHOOKS}/:id`,
    {
      config: { policy: 'webhook.delete' },
      schema: { params: oneWebhook, querystring: deleteWebhookInput, response: { 204: z.null(), ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const { params: target, query: input } = request;
      const baseVersions = { webhook: readIfMatch(request.headers['if-match']) };
      await executeCommand(dependencies, request, { type: 'webhook.delete', target, input, baseVersions });
      return reply.code(204).send(null);
    },
  );

  app.get(
    `${WEBHOOKS}/:id/deliveries`,
    {
      config: { policy: 'webhook.read' },
      schema: {
        params: oneWebhook,
        querystring: deliveriesQuery,
        response: { 200: pageOf(webhookDelivery), ...ERROR_RESPONSES },
      },
    },
    async (request) => {
      const { id } = await findWebhook(db, await findProject(db, request.params.project), request.params.id);
      const { limit, cursor } = request.query;
      const found = await db
        .select({ delivery: webhookDeliveries, command: changeSets.command })
        .from(webhookDeliveries)
        .innerJoin(changeSets, eq(changeSets.id, webhookDeliveries.changeSetId))
        .where(and(eq(webhookDeliveries.webhookId, id), cursor === undefined ? undefined : lt(webhookDeliveries.id, cursor)))
        .orderBy(desc(webhookDeliveries.id))
        .limit(limit + 1);
      const rows = found.slice(0, limit);
      const last = rows.at(-1);
      return { items: rows.map(presentDelivery), next: found.length > limit && last ? String(last.delivery.id) : null };
    },
  );

  app.post(
    `${WEBHOOKS}/:id/deliveries/:delivery/send-again`,
    {
      config: { policy: 'webhook.test' },
      schema: { params: oneDelivery, response: { 201: webhookDelivery, ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const { id } = await findWebhook(db, await findProject(db, request.params.project), request.params.id);
      return reply.code(201).send(await sendAgain(db, id, request.params.delivery));
    },
  );

  app.post(
    `${WEBHOOKS}/:id/test`,
    // Waits for the target, and not for the database.
    {
      handlerTimeout: EGRESS_TIMEOUT_MS + 5_000,
      config: { policy: 'webhook.test' },
      schema: { params: oneWebhook, response: { 200: webhookTest, ...ERROR_RESPONSES } },
    },
    async (request) => {
      const project = await findProject(db, request.params.project);
      const row = await findWebhook(db, project, request.params.id);
      const { kind, name } = callerOf(request).actor;
      const told = {
        ...{ project: project.key, changeSet: null, command: 'webhook.test', actor: { kind, name }, reason: null },
        ...{ requestId: request.id, at: new Date(management.now()).toISOString(), changes: [], changeCount: 0 },
      };
      try {
        return { ok: true, status: await sendOne(sending, row, 'test', told), error: null };
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        return { ok: false, status: error instanceof EgressError ? error.status : null, error: error.message };
      }
    },
  );
}

/** A delivery of its own, since the first one's day may be over, and a target may pass over a delivery that it has seen. */
async function sendAgain(db: Database, webhookId: string, delivery: number) {
  const [first] = await db
    .select({ changeSetId: webhookDeliveries.changeSetId, command: changeSets.command })
    .from(webhookDeliveries)
    .innerJoin(changeSets, eq(changeSets.id, webhookDeliveries.changeSetId))
    .where(and(eq(webhookDeliveries.webhookId, webhookId), eq(webhookDeliveries.id, delivery)));
  if (first === undefined)
    throw new AppError('not_found', `Webhook '${webhookId}' has no delivery ${delivery}. Deliveries are kept for 30 days.`);
  const [again] = await db
    .insert(webhookDeliveries)
    .values({ webhookId, changeSetId: first.changeSetId, dueAt: sql`clock_timestamp()` })
    .returning();
  if (again === undefined) throw new Error('The insert of a delivery answered no row.');
  return presentDelivery({ delivery: again, command: first.command });
}

async function checkUrl(egress: Egress, url: string): Promise<void> {
  await egress.check(url).catch((error: unknown) => {
    if (!(error instanceof EgressError)) throw error;
    throw new AppError('validation_failed', error.message, { details: [{ path: 'url', message: error.message }] });
  });
}

function presentDelivery({ delivery, command }: { delivery: typeof webhookDeliveries.$inferSelect; command: string }) {
  const { id, attempts, dueAt, deliveredAt, lastStatus, lastError, createdAt, changeSetId } = delivery;
  const state = deliveredAt !== null ? ('delivered' as const) : dueAt === null ? ('given_up' as const) : ('waiting' as const);
  return {
    ...{ id, changeSet: String(changeSetId), command, state, attempts, lastStatus, lastError },
    nextAttemptAt: dueAt?.toISOString() ?? null,
    deliveredAt: deliveredAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  };
}
