import { once } from 'node:events';
import { connect } from 'node:http2';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type ChannelCredentials,
  type ClientReadableStream,
  credentials,
  Metadata,
  makeGenericClientConstructor,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { afterEach, expect, test } from 'vitest';
import type { ServedEnvironment } from '../ruleset/cache.ts';
import { selfSigned } from '../testing/self-signed.ts';
import {
  type FlagdServer,
  type FlagdServerOptions,
  type FlagdStreamLimits,
  type FlagdTls,
  startFlagdServer,
} from './flagd-server.ts';
import { flagSyncService, type SyncResponse } from './sync-service.ts';

/** Far more than fits into the buffers of a connection. */
const LONG = 'x'.repeat(4_000_000);
const served = { rules: { environmentId: 'e', project: 'shop', environment: 'test' } } as unknown as ServedEnvironment;
const closing: (() => unknown)[] = [];
let text = LONG;

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  text = LONG;
});

async function start(limits: FlagdStreamLimits, tls: FlagdTls | null = null, keys: object = {}): Promise<FlagdServer> {
  const cache = { find: () => served, get: () => served };
  const server = await startFlagdServer({
    ...{ host: '127.0.0.1', port: 0, tls, isKeyNeeded: false, onUse: () => undefined, limits },
    source: { cache, keys, use: { note: () => undefined } } as unknown as FlagdServerOptions['source'],
    environment: { project: 'shop', environment: 'test' },
    definitions: (async () => ({ text })) as unknown as FlagdServerOptions['definitions'],
    log: console as unknown as FlagdServerOptions['log'],
  });
  closing.push(() => server.close());
  return server;
}

type Call = ClientReadableStream<SyncResponse>;

interface Client {
  SyncFlags(request: object, metadata: Metadata): Call;
  FetchAllFlags(request: object, answer: (error: ServiceError | null, response: SyncResponse) => void): void;
}

function clientOf({ port }: FlagdServer, by: ChannelCredentials): Client {
  const Service = makeGenericClientConstructor(flagSyncService(), 'FlagSyncService');
  const client = new Service(`127.0.0.1:${port}`, by, {
    'grpc.max_receive_message_length': -1,
    // A connection of its own: streams of one connection share its window.
    'grpc.use_local_subchannel_pool': 1,
  });
  closing.push(() => client.close());
  return client as unknown as Client;
}

function open(server: FlagdServer, by = credentials.createInsecure(), metadata = new Metadata()): Call {
  const call = clientOf(server, by).SyncFlags({ selector: '' }, metadata);
  // The end of the test ends it.
  call.on('error', () => undefined);
  return call;
}

/** Resolves with what was fetched, or with the code of the refusal. */
function fetchAll(server: FlagdServer): Promise<string | status> {
  const client = clientOf(server, credentials.createInsecure());
  return new Promise((resolve) =>
    client.FetchAllFlags({ selector: '' }, (error, response) => resolve(error?.code ?? response.flagConfiguration)),
  );
}

/** A client that calls and takes nothing of the answer but its head, at `onAnswer`. Resolves when it is ended. */
function openStuck({ port }: FlagdServer, method: keyof Client = 'SyncFlags', onAnswer?: () => void): Promise<void> {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on('error', () => undefined);
  closing.push(() => session.destroy());
  const request = session.request({
    ':method': 'POST',
    ':path': `/flagd.sync.v1.FlagSyncService/${method}`,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  // An empty message: a byte for no compression, and a length of nought.
  request.end(Buffer.alloc(5));
  if (onAnswer !== undefined) request.once('response', onAnswer);
  return new Promise((resolve) => {
    request.on('error', () => resolve());
    request.on('close', () => resolve());
  });
}

test('who needs more than may be on its way waits, and gets the newest when there is room', async () => {
  const server = await start({ maxUntaken: LONG.length + 100, maxTakingMs: 2_000 });
  const stuck = openStuck(server);
  await expect.poll(() => server.streams()).toBe(1);
  await delay(100);
  const call = open(server);
  const first = once(call, 'data');
  await expect.poll(() => server.streams()).toBe(2);
  let isThere = false;
  void first.then(() => {
    isThere = true;
  });
  await delay(200);
  expect(isThere).toBe(false);
  text = 'newest';
  await stuck;
  expect((await first)[0]).toEqual({ flagConfiguration: 'newest' });
});

test('a fetch that nobody takes counts like a message, and is ended', async () => {
  const server = await start({ maxUntaken: LONG.length + 100, maxTakingMs: 3_000 });
  let stuck: Promise<void> | undefined;
  await new Promise<void>((resolve) => {
    stuck = openStuck(server, 'FetchAllFlags', resolve);
  });
  expect(await fetchAll(server)).toBe(status.RESOURCE_EXHAUSTED);
  await stuck;
  expect(await fetchAll(server)).toBe(LONG);
  expect(await fetchAll(server)).toBe(LONG);
});

test('a client that takes its messages is never ended', async () => {
  const server = await start({ maxUntaken: LONG.length + 100, maxTakingMs: 3_000 });
  const call = open(server);
  const lengths: number[] = [];
  call.on('data', ({ flagConfiguration }: SyncResponse) => lengths.push(flagConfiguration.length));
  call.on('error', () => lengths.push(-1));
  await expect.poll(() => lengths).toEqual([LONG.length]);
  text = `${LONG}y`;
  await delay(4_500);
  server.advance(served);
  await expect.poll(() => lengths).toEqual([LONG.length, LONG.length + 1]);
});

test('with a certificate it speaks TLS, to who trusts it and to nobody else', async () => {
  const tls = selfSigned(Date.now());
  text = 'over TLS';
  const server = await start({ maxUntaken: 1_000, maxTakingMs: 1_000 }, tls);
  const [answer] = await once(open(server, credentials.createSsl(tls.certificate)), 'data');
  expect(answer).toEqual({ flagConfiguration: 'over TLS' });
  for (const by of [credentials.createSsl(), credentials.createInsecure()]) {
    const [{ code }] = (await once(open(server, by), 'error')) as [ServiceError];
    expect(code).toBe(status.UNAVAILABLE);
  }
});

test('a key that was revoked receives nothing newer, however soon after that the change is', async () => {
  const key = { id: 'k', kind: 'server', environmentId: 'e', allowedOrigins: [] };
  let isActive = true;
  const keys = { resolve: async () => key, findById: () => (isActive ? key : undefined) };
  text = 'before';
  const server = await start({ maxUntaken: 1_000, maxTakingMs: 60_000 }, null, keys);
  const metadata = new Metadata();
  metadata.set('authorization', 'Bearer ys_key');
  const call = open(server, credentials.createInsecure(), metadata);
  const seen: unknown[] = [];
  call.on('data', ({ flagConfiguration }: SyncResponse) => seen.push(flagConfiguration));
  const ended = new Promise<ServiceError>((resolve) => void call.on('error', resolve));
  await expect.poll(() => seen).toEqual(['before']);
  isActive = false;
  text = 'after';
  server.advance(served);
  expect([(await ended).code, seen]).toEqual([status.UNAUTHENTICATED, ['before']]);
});
