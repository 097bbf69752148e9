/**
 * A whole server on a free port with a database of its own, reached as SDKs and people reach it: HTTP, real
 * websockets, no shortcuts. Time can be moved, so that nothing has to wait for a beat.
 */

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  type AppInfo,
  type ClientMessage,
  KEY_SUBPROTOCOL_PREFIX,
  parseServerMessage,
  type ServerMessage,
  STREAM_PATH,
  SUBPROTOCOL,
  type SyncState,
} from '@yardarm/sync';
import { type Logger, pino } from 'pino';
import { WebSocket } from 'ws';
import { buildApp } from '../app.ts';
import { ensureApiToken } from '../auth/api-tokens.ts';
import { createPool } from '../db/client.ts';
import { CATCH_UP_CONNECTIONS } from '../delivery/catch-up.ts';
import { startDelivery } from '../delivery/start-delivery.ts';
import type { StreamLimits } from '../delivery/stream-limits.ts';
import type { FlagdConfig } from '../flagd/flagd-config.ts';
import type { OfrepSettings } from '../ofrep/start-ofrep.ts';
import type { OidcOptions } from '../oidc/oidc-routes.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { TEST_SECRET } from './test-app.ts';
import { testWebhooks } from './webhooks.ts';

export const API_TOKEN = 'test-token-of-the-test-suite';
export const METRICS_TOKEN = 'metrics-token-of-the-test-suite';
const IN_PRODUCTION = '/projects/shop/environments/production';

export type Message<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>;
export type TestServer = Awaited<ReturnType<typeof startTestServer>>;

export interface TestServerOptions {
  /** The delivery side's own way to the database, where a test wants to disturb it. */
  readonly deliveryUrl?: (databaseUrl: string) => string;
  readonly receiptHeartbeatMs?: number;
  readonly instanceName?: string;
  readonly coverageEveryMs?: number;
  readonly fleetEveryMs?: number;
  readonly oidc?: OidcOptions;
  readonly limits?: StreamLimits;
  readonly ofrep?: Omit<OfrepSettings, 'secret'>;
  readonly flagd?: FlagdConfig;
}

export type Replica = Awaited<ReturnType<typeof startReplica>>;

export interface ReplicaOptions extends TestServerOptions {
  /** Its clock; left out: the time of day. Epoch milliseconds. */
  readonly now?: () => number;
  /** Its clock that nobody sets; left out: that of the process. */
  readonly monotonicMs?: () => number;
  /** Of its delivery side; left out: silent. */
  readonly log?: Logger;
}

/** Project `shop` with environment `production`, one server key and one client key in it, no flags. */
export async function startTestServer(options: TestServerOptions = {}) {
  const database = await testDatabase();
  let shiftMs = 0;
  let stepMs = 0;
  const { app, delivery, url, close } = await startReplica(database, {
    ...options,
    now: () => Date.now() + shiftMs + stepMs,
    monotonicMs: () => performance.now() + shiftMs,
  });
  await ensureApiTokenIn(database.db);

  const request = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${API_TOKEN}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  /** One call of the management API that has to succeed. */
  async function api<T = unknown>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<T> {
    const response = await request(method, path, body, headers);
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (response.status === 204 ? undefined : await response.json()) as T;
  }
  const makeKey = (kind: 'server' | 'client', path = IN_PRODUCTION) =>
    api<{ id: string; secret: string }>('POST', `${path}/keys`, { kind, name: `${kind} key` });

  await api('POST', '/projects', { key: 'shop', name: 'Shop' });
  const { items } = await api<{ items: { key: string }[] }>('GET', '/projects/shop/environments');
  if (!items.some(({ key }) => key === 'production')) {
    await api('POST', '/projects/shop/environments', { key: 'production', name: 'Production' });
  }
  return {
    url,
    database,
    delivery,
    api,
    request,
    makeKey,
    serverKey: await makeKey('server'),
    clientKey: await makeKey('client'),
    /** Moves the clocks of the server forward, as time does. */
    shift: (ms: number) => {
      shiftMs += ms;
    },
    /** Sets the server's time of day, back as well, as whoever administers its machine does. */
    setClock: (aheadMs: number) => {
      stepMs = aheadMs;
    },
    createFlag: (key: string, more: Record<string, unknown> = {}) =>
      api('POST', '/projects/shop/flags', { key, kind: 'operational', variants: { on: true, off: false }, ...more }),
    kill: (flag: string) => api<{ revision: number }>('POST', `/projects/shop/flags/${flag}/environments/production/kill`, {}),
    unkill: (flag: string) =>
      api<{ revision: number }>('POST', `/projects/shop/flags/${flag}/environments/production/unkill`, {}),
    ruleSet: (secret: string, headers: Record<string, string> = {}) =>
      fetch(`${url}/sync/v1/ruleset`, { headers: { authorization: `Bearer ${secret}`, ...headers } }),
    connect: (secret: string, have?: SyncState, instance?: string) =>
      connectReader(url, { authorization: secret }, have, instance),
    connectBrowser: (secret: string, have?: SyncState, origin?: string) =>
      connectReader(url, { subprotocol: secret, origin }, have),
    printRoutes: () => app.printRoutes({ commonPrefix: false }),
    closeApp: () => app.close(),
    close: async () => {
      await close();
      await database.close();
    },
  };
}

/** One more server on a database that has its projects already. */
export async function startReplica({ url: databaseUrl, db }: TestDatabase, options: ReplicaOptions = {}) {
  const {
    deliveryUrl = (url) => url,
    now = Date.now,
    monotonicMs,
    log = pino({ level: 'silent' }),
    receiptHeartbeatMs,
    instanceName,
    coverageEveryMs,
    fleetEveryMs,
    limits,
    oidc,
    ofrep,
    flagd,
  } = options;
  const listenUrl = deliveryUrl(databaseUrl);
  const pool = createPool({ url: listenUrl, applicationName: 'yardarm test delivery', maxConnections: 3, log });
  const rulesPool = createPool({
    url: listenUrl,
    applicationName: 'yardarm test rule sets',
    maxConnections: CATCH_UP_CONNECTIONS,
    statementTimeoutMs: 15_000,
    log,
  });
  const endPools = (timeout: number) => Promise.all([pool, rulesPool].map(({ sql }) => sql.end({ timeout })));
  const starting = startDelivery({
    ...pool,
    rulesDb: rulesPool.db,
    listenUrl,
    log,
    now,
    ofrep: { secret: TEST_SECRET, ...ofrep },
    ...(flagd && { flagd }),
    ...(receiptHeartbeatMs !== undefined && { receiptHeartbeatMs }),
    ...(instanceName !== undefined && { instanceName }),
    ...(coverageEveryMs !== undefined && { coverageEveryMs }),
    ...(fleetEveryMs !== undefined && { fleetEveryMs }),
    ...(limits && { limits }),
    ...(monotonicMs && { monotonicMs }),
  });
  const delivery = await starting.catch(async (error) => {
    await endPools(1);
    throw error;
  });
  const app = await buildApp({
    db,
    log,
    now,
    publicUrl: null,
    adminUiDir: null,
    secret: TEST_SECRET,
    version: '0.0.0',
    delivery,
    metricsToken: METRICS_TOKEN,
    ...(oidc && { oidc }),
    ...testWebhooks(),
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  return {
    app,
    delivery,
    url,
    connect: (secret: string, have?: SyncState, instance?: string, app?: AppInfo) =>
      connectReader(url, { authorization: secret }, have, instance, app),
    /** Says nothing more to the database, as one that is killed. */
    cut: async () => {
      await endPools(0);
      await app.close();
    },
    close: async () => {
      await app.close();
      await endPools(1);
    },
  };
}

async function ensureApiTokenIn(db: Awaited<ReturnType<typeof testDatabase>>['db']): Promise<void> {
  await db.transaction((tx) => ensureApiToken(tx, 'tests', API_TOKEN));
}

type Credential = { readonly authorization: string } | { readonly subprotocol: string; readonly origin?: string | undefined };

/** An open socket that keeps what it receives. Says hello at once; a refused handshake rejects. */
async function connectReader(
  url: string,
  credential: Credential,
  have: SyncState | undefined,
  instance = `instance-${Math.random()}`,
  app: AppInfo = { name: 'test', version: '1' },
) {
  const socket = openSocket(url, credential);
  const frames: string[] = [];
  const waiting = new Set<() => void>();
  let consumed = 0;
  socket.on('message', (data: Buffer) => {
    frames.push(data.toString('utf8'));
    for (const wake of waiting) wake();
  });
  const closed = once(socket, 'close').then(([code, reason]) => ({ code: code as number, reason: String(reason) }));
  await once(socket, 'open');
  const send = (message: ClientMessage) => socket.send(JSON.stringify(message));
  send({ type: 'hello', protocol: 1, formats: [1], sdk: 'test/1', app, instance, ...(have && { have }) });

  /** The next message of this type; those of other types before it are passed over. */
  async function next<T extends ServerMessage['type']>(type: T): Promise<Message<T>> {
    for (;;) {
      while (consumed < frames.length) {
        const message = parseServerMessage(frames[consumed++] ?? '');
        if (message !== null && message.type === type) return message as Message<T>;
      }
      await new Promise<void>((resolve, reject) => {
        const wake = () => {
          waiting.delete(wake);
          resolve();
        };
        waiting.add(wake);
        void closed.then(({ code, reason }) => reject(new Error(`closed with ${code} ${reason} before ${type}`)));
      });
    }
  }
  return { socket, frames, closed, send, next, types: () => frames.map((frame) => (JSON.parse(frame) as ServerMessage).type) };
}

export function openSocket(url: string, credential: Credential): WebSocket {
  const address = url.replace('http', 'ws') + STREAM_PATH;
  if ('authorization' in credential) {
    return new WebSocket(address, SUBPROTOCOL, { headers: { authorization: `Bearer ${credential.authorization}` } });
  }
  const { subprotocol, origin } = credential;
  return new WebSocket(address, [SUBPROTOCOL, KEY_SUBPROTOCOL_PREFIX + subprotocol], origin === undefined ? {} : { origin });
}
