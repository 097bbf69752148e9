/**
 * flagd's gRPC sync on a port of its own: every (re)opened stream gets the whole state at once, and again after each change of it. A
 * stream is never ended without an error, since clients come back after an error only.
 */
import { constants, type ServerHttp2Stream } from 'node:http2';
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import type { FastifyBaseLogger } from 'fastify';
import type { SdkKey } from '../delivery/sdk-keys.ts';
import type { ServedEnvironment } from '../ruleset/cache.ts';
import { StartError } from '../start-error.ts';
import { type FlagdCallerOptions, findCaller } from './flagd-callers.ts';
import type { FlagdDefinitions } from './flagd-export.ts';
import { flagSyncService, type SyncRequest, type SyncResponse } from './sync-service.ts';

/** Changes that come together are translated once. */
const COALESCE_MS = 20;
/** How soon streams of a key that has ended are ended. */
const TICK_MS = 1_000;
/** Between two proxies' idle timeouts; clients that ping as often as they like are let. */
const KEEPALIVE_MS = 30_000;
const KEEPALIVE_TIMEOUT_MS = 10_000;
const MAX_STREAMS = 5_000;
const DEFAULT_LIMITS: FlagdStreamLimits = { maxUntaken: 256 * 1024 * 1024, maxTakingMs: 60_000 };
const MAX_MESSAGE_BYTES = 64 * 1024;

export interface FlagdTls {
  /** PEM texts. */
  readonly certificate: Buffer;
  readonly key: Buffer;
}

export interface FlagdServerOptions extends FlagdCallerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Null: none. */
  readonly tls: FlagdTls | null;
  readonly definitions: FlagdDefinitions;
  readonly log: FastifyBaseLogger;
  /** Flags were fetched by a caller of this environment; `key` null: without one. */
  readonly onUse: (environmentId: string, key: SdkKey | null) => void;
  readonly limits?: FlagdStreamLimits;
}

export interface FlagdStreamLimits {
  /** UTF-16 units of messages that clients have not taken yet; who would need more waits until others have taken theirs. */
  readonly maxUntaken: number;
  /** A client that takes longer over one message is stuck, and keeps others waiting. */
  readonly maxTakingMs: number;
}

export interface FlagdServer {
  /** Port on which it listens. */
  readonly port: number;
  /** The environment may have another content. */
  advance(served: ServedEnvironment): void;
  streams(): number;
  close(): Promise<void>;
}

type SyncCall = ServerWritableStream<SyncRequest, SyncResponse>;

interface OpenStream {
  readonly environmentId: string;
  /** Null: its caller came without one. */
  readonly key: SdkKey | null;
  readonly call: SyncCall;
  /** What its client has. */
  sent: string;
  /** Since when its client has not taken the last message, in milliseconds of the monotonic clock; null: it has. */
  fullSinceMs: number | null;
}

interface Answer {
  readonly stream: ServerHttp2Stream;
  /** Of the monotonic clock, in milliseconds. */
  readonly sinceMs: number;
}

/** Resolves when it listens. Throws a StartError where it cannot. */
export async function startFlagdServer(options: FlagdServerOptions): Promise<FlagdServer> {
  const { source, definitions, log, onUse, tls, host, port: wantedPort, limits = DEFAULT_LIMITS } = options;
  const { maxUntaken, maxTakingMs } = limits;
  const server = new Server({
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  });
  const streams = new Set<OpenStream>();
  const waiting = new Map<string, NodeJS.Timeout>();
  /** Streams that wait for room, the first to wait first. */
  const roomless = new Set<OpenStream>();
  /** Answers to fetches that are on their way. */
  const answers = new Set<Answer>();
  let untaken = 0;
  const timer = setInterval(() => {
    endWithKeys();
    endStuck();
    // A stream is a use for as long as it is open.
    for (const { environmentId, key } of streams) onUse(environmentId, key);
  }, TICK_MS);
  server.addService(flagSyncService(), { SyncFlags: syncFlags, FetchAllFlags: fetchAllFlags, GetMetadata: getMetadata });

  function syncFlags(call: SyncCall): void {
    open(call).catch((error: unknown) => fail(call, error));
  }

  async function open(call: SyncCall): Promise<void> {
    const caller = await findCaller(call.metadata, call.request.selector, options);
    if ('code' in caller) return refuse(call, caller.code, caller.details);
    if (streams.size >= MAX_STREAMS) return refuse(call, status.RESOURCE_EXHAUSTED, 'This server has too many streams.');
    const { environmentId } = caller.served.rules;
    if (call.cancelled) return;
    const stream: OpenStream = { environmentId, key: caller.key, call, sent: '', fullSinceMs: null };
    streams.add(stream);
    const forget = () => {
      streams.delete(stream);
      roomless.delete(stream);
      taken(stream);
    };
    call.on('cancelled', forget).on('close', forget).on('error', forget);
    await send(stream);
  }

  /** Sends what it does not have; to who has not taken the last message, only the newest once it has. */
  async function send(stream: OpenStream): Promise<void> {
    const served = source.cache.get(stream.environmentId);
    if (served === undefined) return;
    try {
      const { text } = await definitions(served);
      if (text === stream.sent || stream.fullSinceMs !== null || !streams.has(stream)) return;
      // It may have ended since the last tick.
      if (hasEnded(stream)) return end(stream);
      if (untaken + text.length > maxUntaken && untaken > 0) {
        roomless.add(stream);
        return;
      }
      stream.sent = text;
      stream.fullSinceMs = performance.now();
      untaken += text.length;
      // What `write` answers says nothing of bytes: sixteen messages count as none.
      stream.call.write({ flagConfiguration: text }, () => {
        taken(stream);
        void send(stream);
      });
    } catch (error) {
      fail(stream.call, error);
    }
  }

  function taken(stream: OpenStream): void {
    if (stream.fullSinceMs === null) return;
    stream.fullSinceMs = null;
    makeRoom(stream.sent.length);
  }

  function makeRoom(units: number): void {
    untaken -= units;
    for (const next of roomless) {
      roomless.delete(next);
      void send(next);
    }
  }

  function endStuck(): void {
    const latestMs = performance.now() - maxTakingMs;
    for (const { fullSinceMs, call } of streams) if (fullSinceMs !== null && fullSinceMs < latestMs) reset(http2Of(call));
    for (const { sinceMs, stream } of answers) if (sinceMs < latestMs) reset(stream);
  }

  function fetchAllFlags(call: ServerUnaryCall<SyncRequest, SyncResponse>, done: sendUnaryData<SyncResponse>): void {
    findCaller(call.metadata, call.request.selector, options)
      .then(async (caller) => {
        if ('code' in caller) return done(caller);
        onUse(caller.served.rules.environmentId, caller.key);
        const { text } = await definitions(caller.served);
        const stream = http2Of(call);
        if (stream.closed) return;
        // Not kept waiting, as a stream is: whoever fetches asks again.
        if (untaken + text.length > maxUntaken && untaken > 0)
          return done({ code: status.RESOURCE_EXHAUSTED, details: 'Too much is on its way to others; fetch again.' });
        const answer: Answer = { stream, sinceMs: performance.now() };
        answers.add(answer);
        untaken += text.length;
        stream.once('close', () => {
          answers.delete(answer);
          makeRoom(text.length);
        });
        done(null, { flagConfiguration: text });
      })
      .catch((error: unknown) => {
        log.error({ err: error }, 'flagd: flags could not be given');
        done({ code: status.INTERNAL, details: 'The flags could not be given.' });
      });
  }

  function fail(call: SyncCall, error: unknown): void {
    log.error({ err: error }, 'flagd: a stream could not be opened');
    refuse(call, status.INTERNAL, 'The stream could not be opened.');
  }

  /** A key that was revoked or has ended receives nothing newer. */
  function endWithKeys(): void {
    for (const stream of streams) if (hasEnded(stream)) end(stream);
  }

  function hasEnded({ key }: OpenStream): boolean {
    return key !== null && source.keys.findById(key.id) === undefined;
  }

  function end({ call }: OpenStream): void {
    refuse(call, status.UNAUTHENTICATED, 'This SDK key is unknown, revoked or expired.');
  }

  const credentials =
    tls === null
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(null, [{ cert_chain: tls.certificate, private_key: tls.key }]);
  const port = await new Promise<number>((resolve, reject) => {
    const address = host.includes(':') ? `[${host}]:${wantedPort}` : `${host}:${wantedPort}`;
    server.bindAsync(address, credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)));
  }).catch((cause) => {
    clearInterval(timer);
    throw new StartError(
      `The gRPC sync for flagd cannot listen on ${host}, port ${wantedPort}: set YARDARM_FLAGD_PORT to a free port.`,
      {
        cause,
      },
    );
  });

  return {
    port,
    advance: ({ rules: { environmentId } }) => {
      if (waiting.has(environmentId) || ![...streams].some((stream) => stream.environmentId === environmentId)) return;
      const sendAll = () => {
        waiting.delete(environmentId);
        for (const stream of streams) if (stream.environmentId === environmentId) void send(stream);
      };
      waiting.set(environmentId, setTimeout(sendAll, COALESCE_MS));
    },
    streams: () => streams.size,
    close: async () => {
      clearInterval(timer);
      for (const one of waiting.values()) clearTimeout(one);
      for (const { call } of streams) refuse(call, status.UNAVAILABLE, 'The server is stopping; come back.');
      streams.clear();
      // What was said is on its way; then nobody is waited for.
      await new Promise((resolve) => setImmediate(resolve));
      server.forceShutdown();
    },
  };
}

function refuse(call: SyncCall, code: status, details: string): void {
  call.emit('error', { code, details });
}

/** A status would wait behind the message that is not taken, for which the library has no remedy: pinned, and tested. */
function reset(stream: ServerHttp2Stream): void {
  stream.close(constants.NGHTTP2_CANCEL);
}

function http2Of(call: object): ServerHttp2Stream {
  return (call as { readonly call: { readonly stream: ServerHttp2Stream } }).call.stream;
}

function getMetadata(_: ServerUnaryCall<object, object>, done: sendUnaryData<object>): void {
  done(null, {});
}
