/** `/sync/v1/*`: what SDKs talk to. Served from memory alone; any origin, because the key decides. */
import websocket from '@fastify/websocket';
import { CLOSE, RULE_SET_PATH, STATE_HEADER, STREAM_PATH, SUBPROTOCOL } from '@yardarm/sync';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { isMistyped } from '../auth/secrets.ts';
import { AppError } from '../errors.ts';
import type { RuleSetCache, ServedEnvironment } from '../ruleset/cache.ts';
import type { Hub } from './hub.ts';
import type { KeyUse } from './key-use.ts';
import type { SdkKey, SdkKeyCache } from './sdk-keys.ts';
import { admit, readCredential, refusedKey, refuseOrigin } from './sync-credentials.ts';
import { trackUpgradedSockets } from './upgraded-sockets.ts';

/** SDKs send a hello and receipts; nothing of theirs is larger. */
const MAX_FRAME_BYTES = 64 * 1024;
const PREFLIGHT_MAX_AGE_SECONDS = 7_200;
/** Below this a compressed body saves no packet. */
const MIN_COMPRESSED_BYTES = 1_024;

declare module 'fastify' {
  interface FastifyRequest {
    /** Null: refused. Set on the stream route before the socket exists. */
    sdkKey: SdkKey | null;
  }
}

export interface SyncRouteOptions {
  readonly cache: RuleSetCache;
  readonly keys: SdkKeyCache;
  readonly use: KeyUse;
  readonly hub: Hub;
  /** Resolves after the database has been looked at. */
  readonly poll: () => Promise<void>;
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
      reply.header('access-control-allow-origin', '*');
      reply.header('access-control-expose-headers', `etag, retry-after, ${STATE_HEADER.toLowerCase()}`);
      // Helmet's default would keep pages of other sites from reading what the key allows them to read.
      reply.header('cross-origin-resource-policy', 'cross-origin');
    });
    scope.options('/sync/*', { config: { policy: 'public' } }, answerPreflight);
    scope.get(RULE_SET_PATH, { config: { policy: 'sdk-key' } }, (request, reply) => answerRuleSet(request, reply, options));
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

async function answerRuleSet(request: FastifyRequest, reply: FastifyReply, options: SyncRouteOptions) {
  const credential = readCredential(request);
  const key = await admit(credential, options.keys);
  if (key === null) throw new AppError('unauthenticated', refusedKey(credential.secret));
  const refusal = refuseOrigin(key, request.headers.origin);
  if (refusal !== null) throw new AppError('forbidden', refusal);
  options.use.note(key.id);
  const view = (await findEnvironment(key, options)).views[key.kind];
  reply.header('etag', view.etag);
  reply.header(STATE_HEADER, view.stateText);
  reply.header('cache-control', 'private, no-cache');
  reply.header('vary', 'authorization, accept-encoding');
  if (matches(request.headers['if-none-match'], view.etag)) return reply.code(304).send();
  reply.type('application/json; charset=utf-8');
  const body = view.ruleSet();
  if (body.length < MIN_COMPRESSED_BYTES || !takesGzip(request.headers['accept-encoding'])) return reply.send(body);
  return reply.header('content-encoding', 'gzip').send(await view.compressedRuleSet());
}

/** The environment of an admitted key. One that was made a moment ago is looked for once more. */
async function findEnvironment(key: SdkKey, { cache, poll }: SyncRouteOptions): Promise<ServedEnvironment> {
  const known = cache.get(key.environmentId);
  if (known !== undefined) return known;
  await poll();
  const found = cache.get(key.environmentId);
  if (found !== undefined) return found;
  throw new AppError('unavailable', "The rule set of this key's environment is not loaded yet; try again.", {
    retryAfterSeconds: 1,
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

/** Never the entry that holds a key: the answer would echo it. */
function chooseProtocol(offered: ReadonlySet<string>): string | false {
  return offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false;
}

/** Weak comparison of an `If-None-Match` list with an ETag. */
function matches(header: string | undefined, etag: string): boolean {
  const bare = (tag: string) => tag.trim().replace(/^W\//, '');
  return header?.split(',').some((tag) => tag.trim() === '*' || bare(tag) === bare(etag)) ?? false;
}

function takesGzip(header: string | string[] | undefined): boolean {
  return /(?:^|[\s,])gzip(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(String(header ?? ''));
}
