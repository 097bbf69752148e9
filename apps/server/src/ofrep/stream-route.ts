/** `GET /ofrep/v1/stream`: server-sent events that say when to evaluate again, opened with a token of `stream-token.ts`. */
import type { View } from '@yardarm/sync';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SdkKey } from '../delivery/sdk-keys.ts';
import { refuseOrigin } from '../delivery/sync-credentials.ts';
import { AppError } from '../errors.ts';
import { OFREP_HEADERS } from './ofrep-headers.ts';
import type { RefetchHub, RefetchStream } from './refetch-hub.ts';
import type { StreamTokens } from './stream-token.ts';

export const STREAM_PATH = '/ofrep/v1/stream';
/** A reconnection is a request like any other, and a server that comes back has many. */
const RETRY_MS = 2_000;
/** Some hundred messages: whoever reads none of them is dropped, comes back and is told once. */
const MAX_BUFFERED_BYTES = 64 * 1024;
const FULL_RETRY_SECONDS = 30;
/** A version as it is sent in `id:`. Anything else is none of ours, and its reader is told to evaluate. */
const VERSION = /^[\w.-]{1,200}$/;

export interface StreamCounts {
  /** Open at the same time. */
  readonly perKey: number;
  readonly all: number;
}
/** Each takes some ten kilobytes. */
export const DEFAULT_STREAM_COUNTS: StreamCounts = { perKey: 5_000, all: 10_000 };

export interface StreamRouteOptions {
  readonly hub: RefetchHub;
  readonly tokens: StreamTokens;
  readonly counts: StreamCounts;
  /** The active key of this id, as far as memory knows. */
  readonly findKey: (id: string) => SdkKey | undefined;
  /** Resolves when the version of the key's view can be told quickly. */
  readonly warm: (key: SdkKey) => Promise<void>;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export function streamUriOf(token: string, version: string): string {
  return `${STREAM_PATH}?${new URLSearchParams({ token, since: version })}`;
}

export function registerStreamRoute(scope: FastifyInstance, options: StreamRouteOptions): void {
  const { hub, tokens, counts, findKey, warm, now } = options;
  scope.get(STREAM_PATH, { exposeHeadRoute: false, config: { policy: 'sdk-key' } }, async (request, reply) => {
    const { token, since } = request.query as { token?: unknown; since?: unknown };
    const keyId = typeof token === 'string' ? tokens.read(token, now()) : null;
    const key = keyId === null ? undefined : findKey(keyId);
    if (key === undefined)
      throw new AppError('unauthenticated', 'This stream has ended: evaluate in bulk again for the address of another.');
    const refusal = refuseOrigin(key, request.headers.origin);
    if (refusal !== null) throw new AppError('forbidden', refusal);
    if (hub.count(key.id) >= counts.perKey || hub.count() >= counts.all)
      throw new AppError('rate_limited', 'There are too many event streams; poll.', { retryAfterSeconds: FULL_RETRY_SECONDS });
    await warm(key);
    openStream(request, reply, { key, since: request.headers['last-event-id'] ?? since });
  });

  function openStream(_: FastifyRequest, reply: FastifyReply, { key, since }: { key: SdkKey; since: unknown }): void {
    reply.hijack();
    const { raw } = reply;
    // A reader that left before this will never be heard to leave.
    if (raw.destroyed) return;
    raw.writeHead(200, {
      ...OFREP_HEADERS,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // Tells nginx and those who copied it not to collect the answer.
      'x-accel-buffering': 'no',
    });
    const stream: RefetchStream = {
      environmentId: key.environmentId,
      view: key.kind satisfies View,
      keyId: key.id,
      told: typeof since === 'string' && VERSION.test(since) ? since : null,
      write: (text) => {
        if (raw.writableLength > MAX_BUFFERED_BYTES) raw.destroy();
        else raw.write(text);
      },
      end: () => raw.end(),
    };
    raw.on('close', () => hub.remove(stream));
    raw.on('error', () => raw.destroy());
    raw.write(`retry: ${RETRY_MS}\n\n`);
    hub.add(stream);
  }
}
