/** `/sync/v1/*`: what SDKs talk to. Served from memory alone; any origin, because the key decides. */
import websocket from '@fastify/websocket';
import { CLOSE, type PolledReceipt, STREAM_PATH, SUBPROTOCOL } from '@yardarm/sync';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { isMistyped } from '../auth/secrets.ts';
import { SHARED_HEADERS } from '../ruleset/prepared-answer.ts';
import { registerAppliedRoute } from './applied-route.ts';
import { findEnvironment, type ViewSource } from './find-view.ts';
import type { Hub } from './hub.ts';
import type { SdkKey } from './sdk-keys.ts';
import { registerSyncAnswers } from './sync-answers.ts';
import { admit, readCredential, refuseOrigin } from './sync-credentials.ts';
import { trackUpgradedSockets } from './upgraded-sockets.ts';

/** SDKs send a hello and receipts; nothing of theirs is larger. */
const MAX_FRAME_BYTES = 64 * 1024;
const PREFLIGHT_MAX_AGE_SECONDS = 7_200;

declare module 'fastify' {
  interface FastifyRequest {
    /** Null: refused. Set on the stream route before the socket exists. */
    sdkKey: SdkKey | null;
  }
}

export interface SyncRouteOptions extends ViewSource {
  readonly hub: Hub;
  /** A reader without a stream said what it runs. */
  readonly onPolled: (key: SdkKey, receipt: PolledReceipt) => void;
  /** Called before the server stops listening; sockets are closed when it resolves. */
  readonly beforeClose: () => Promise<void>;
}

/** Register it before other routes: the websocket plugin answers upgrades of all routes that come after it. */
export async function registerSyncRoutes(app: FastifyInstance, options: SyncRouteOptions): Promise<void> {
  const upgraded = trackUpgradedSockets(app.server);
  await app.register(websocket, {
    options: { maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false, handleProtocols: chooseProtocol },
    errorHandler: (error, socket, request) => {
      request.log.warn({ err: error, requestId: request.id }, 'socket failed');
      socket.terminate();
    },
    // The plugin's own would close every socket before anybody could say goodbye.
    preClose: (done) => {
      options
        .beforeClose()
        .finally(() => upgraded.end())
        .then(() => done(), done);
    },
  });
  app.decorateRequest('sdkKey', null);
  await app.register(async (scope) => {
    scope.addHook('onRequest', async (_request, reply) => {
      reply.headers(SHARED_HEADERS);
    });
    scope.options('/sync/*', { config: { policy: 'public' } }, answerPreflight);
    registerSyncAnswers(scope, options);
    registerAppliedRoute(scope, { source: options, onApplied: options.onPolled });
    scope.get(
      STREAM_PATH,
      {
        websocket: true,
        config: { policy: 'sdk-key' },
        preValidation: async (request) => {
          request.sdkKey = await admit(readCredential(request), options.keys);
          if (request.sdkKey !== null) await findEnvironment(request.sdkKey, options);
        },
      },
      (socket, request) => acceptSocket(socket, request, options),
    );
  });
}

/** Runs in the turn of the upgrade, without an await: nothing can be missed and no revocation slips between. */
function acceptSocket(socket: WebSocket, request: FastifyRequest, { hub, keys, use }: SyncRouteOptions): void {
  const { secret } = readCredential(request);
  const key = request.sdkKey === null ? undefined : keys.find(secret);
  if (key === undefined) socket.close(CLOSE.key, isMistyped(secret) ? 'SDK key mistyped' : 'SDK key refused');
  else if (refuseOrigin(key, request.headers.origin) !== null) socket.close(CLOSE.key, 'origin not allowed for this key');
  else if (socket.protocol !== SUBPROTOCOL) socket.close(CLOSE.version, `this server speaks ${SUBPROTOCOL}`);
  else {
    use.note(key.id);
    hub.accept(socket, key);
  }
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

/** Never the entry that holds a key: the answer would echo it. */
function chooseProtocol(offered: ReadonlySet<string>): string | false {
  return offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false;
}
