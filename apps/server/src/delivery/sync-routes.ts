/** `/sync/v1/*`: what SDKs talk to. Served from memory alone; any origin, because the key decides. */
import type { PolledReceipt } from '@yardarm/sync';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import { SHARED_HEADERS } from '../ruleset/prepared-answer.ts';
import { answerFromMemory } from './answer-from-memory.ts';
import { registerAppliedRoute } from './applied-route.ts';
import { findKey, type ViewSource } from './find-view.ts';
import type { SdkKey } from './sdk-keys.ts';
import { registerStreams, type StreamUpgradeOptions } from './stream-upgrades.ts';
import { registerSyncAnswers } from './sync-answers.ts';

/** What memory alone cannot answer at once: it waits for the database, or to hear of a revision. Handshakes have a budget of their own. */
const MAX_UNDER_WAY = 500;
const BUSY_RETRY_SECONDS = 2;
const PREFLIGHT_MAX_AGE_SECONDS = 7_200;

export interface SyncRouteOptions extends ViewSource, StreamUpgradeOptions {
  /** A request was answered before any route. */
  readonly onAnswered: () => void;
  /** A reader without a stream said what it runs. */
  readonly onPolled: (key: SdkKey, receipt: PolledReceipt) => void;
}

export async function registerSyncRoutes(app: FastifyInstance, options: SyncRouteOptions): Promise<void> {
  const shortWay = answerFromMemory(app.server, options, options.onAnswered);
  app.addHook('preClose', async () => shortWay.end());
  await registerStreams(app, options);
  await app.register(async (scope) => {
    scope.decorateRequest('sdkKey', null);
    const underWay = new Set<FastifyRequest>();
    scope.addHook('onRequest', async (_request, reply) => {
      reply.headers(SHARED_HEADERS);
    });
    // After the body and the key, so that strangers and half-sent requests take no place.
    scope.addHook('preHandler', async (request, { raw }) => {
      if (request.method === 'OPTIONS') return;
      request.sdkKey = await findKey(request, options);
      if (underWay.size >= MAX_UNDER_WAY)
        throw new AppError('unavailable', 'Too many requests wait for an answer here; keep your rules and try again.', {
          retryAfterSeconds: BUSY_RETRY_SECONDS,
        });
      if (raw.closed) return;
      underWay.add(request);
      // Not when it is answered: whoever leaves before that is never answered.
      raw.once('close', () => underWay.delete(request));
    });
    scope.options('/sync/*', { config: { policy: 'public' } }, answerPreflight);
    registerSyncAnswers(scope, options);
    registerAppliedRoute(scope, { source: options, onApplied: options.onPolled });
  });
}

/** A preflight carries no key; there are no cookies to protect, so any origin may go on to the request itself. */
async function answerPreflight(_request: FastifyRequest, reply: FastifyReply) {
  return reply
    .code(204)
    .header('access-control-allow-methods', 'GET, HEAD, POST')
    .header('access-control-allow-headers', 'authorization, content-type, if-none-match')
    .header('access-control-max-age', PREFLIGHT_MAX_AGE_SECONDS)
    .send();
}
