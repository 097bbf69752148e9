/**
 * Server-sent events for the admin UI: what changed, to be refetched. Notify only, so that it can never show
 * what the caller may not read; receipts excepted, which everybody may read who may read history (PROJECT_WIDE_READS).
 * Ends with the session that opened it.
 */

import { projectKey } from '@yardarm/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Database } from '../db/client.ts';
import type { App } from '../http/app-type.ts';
import { findProject } from '../projects/project-store.ts';
import type { NotificationHub, NotificationStream } from './notification-hub.ts';
import { newestChangeSet } from './notification-log.ts';

const RETRY_MS = 1_000;
/** A browser that does not read is dropped; it reconnects and replays. */
const MAX_BUFFERED_BYTES = 1024 * 1024;

const params = z.object({ project: projectKey });
/** A change set's id, as sent in `id:`. Anything else is no id of ours and replays nothing. */
const EVENT_ID = /^\d{1,18}$/;

export interface NotificationRouteOptions {
  readonly db: Database;
  readonly hub: NotificationHub;
  /** Whether the request's credential would still be accepted; a rejection means that nobody can tell now. */
  readonly isStillAllowed: (request: FastifyRequest) => Promise<boolean>;
}

export function registerNotificationRoutes(app: App, options: NotificationRouteOptions): void {
  app.get(
    '/api/v1/projects/:project/stream',
    { exposeHeadRoute: false, config: { policy: 'history.read', isShed: false }, schema: { params } },
    async (request, reply) => {
      const { id, key } = await findProject(options.db, request.params.project);
      const cursor = startOf(request, await newestChangeSet(options.db, id));
      openStream(request, reply, { projectId: id, project: key, cursor }, options);
    },
  );
}

/** The last change set that the reader has seen. One past the newest is of a history that was restored or replaced. */
function startOf(request: FastifyRequest, newest: bigint): bigint {
  const lastEventId = String(request.headers['last-event-id'] ?? '');
  return EVENT_ID.test(lastEventId) && BigInt(lastEventId) < newest ? BigInt(lastEventId) : newest;
}

function openStream(
  request: FastifyRequest,
  reply: FastifyReply,
  from: Pick<NotificationStream, 'projectId' | 'project' | 'cursor'>,
  options: NotificationRouteOptions,
) {
  const { hub, isStillAllowed } = options;
  reply.hijack();
  const { raw } = reply;
  // A reader that left during the look-ups will never be heard to leave.
  if (raw.destroyed) return;
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // Tells nginx and those who copied it not to collect the answer.
    'x-accel-buffering': 'no',
  });
  const write = (text: string) => {
    if (raw.writableLength > MAX_BUFFERED_BYTES) raw.destroy();
    else raw.write(text);
  };
  const stream: NotificationStream = {
    ...from,
    send: ({ changeSetId, notification }) => write(`id: ${changeSetId}\ndata: ${JSON.stringify(notification)}\n\n`),
    // Without an id: a reconnect goes on from the last change, whatever was told since.
    tell: (event) => write(`event: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`),
    heartbeat: () => {
      isStillAllowed(request).then(
        (allowed) => (allowed ? write(': heartbeat\n\n') : raw.end()),
        // The database is away: the stream says nothing meanwhile, so it may stay until it can be asked.
        () => write(': heartbeat\n\n'),
      );
    },
    close: () => raw.end(),
  };
  raw.on('close', () => hub.remove(stream));
  raw.on('error', () => raw.destroy());
  // An id without data: a reconnect before the first change replays from here.
  write(`retry: ${RETRY_MS}\nid: ${from.cursor}\n\n`);
  hub.add(stream);
  void hub.catchUp();
}
