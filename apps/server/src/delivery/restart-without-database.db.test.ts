/** Whole servers that are started, restarted and asked while their database is away. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseState, STATE_HEADER } from '@yardarm/sync';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { loadConfig } from '../config.ts';
import { findFreePort } from '../db/embedded/postmaster-process.ts';
import { type RunningServer, startServer } from '../server.ts';
import { type CuttableProxy, startCuttableProxy } from '../testing/cuttable-proxy.ts';
import { type TestDatabase, testDatabase } from '../testing/database.ts';

const TOKEN = 'token-of-the-restart-test';
const KEY = 'ys_key-of-the-restart-test';
const IN_PRODUCTION = '/projects/shop/environments/production';

interface Started {
  readonly url: string;
  /** Resolves once the database is there. */
  readonly running: Promise<RunningServer>;
  readonly stop: () => Promise<void>;
}

let database: TestDatabase;
let proxy: CuttableProxy;
let folder: string;
let lines: { msg: string }[];
let started: Started[];
beforeEach(async () => {
  database = await testDatabase();
  const { hostname, port } = new URL(inject('testServer').adminUrl);
  proxy = await startCuttableProxy({ host: hostname, port: Number(port || 5432) });
  folder = await mkdtemp(join(tmpdir(), 'yardarm-restart-'));
  lines = [];
  started = [];
});
afterEach(async () => {
  for (const { stop } of started) await stop();
  await proxy.close();
  await database.close();
  await rm(folder, { recursive: true });
});

async function start(databaseUrl = database.url): Promise<Started> {
  const throughProxy = new URL(databaseUrl);
  throughProxy.hostname = '127.0.0.1';
  throughProxy.port = String(proxy.port);
  const port = await findFreePort();
  const ending = new AbortController();
  const running = startServer({
    config: loadConfig({
      PORT: String(port),
      DATABASE_URL: throughProxy.href,
      YARDARM_DATA_DIR: folder,
      YARDARM_NIGHTLY_EXPORT: '0',
      YARDARM_BOOTSTRAP_TOKEN: TOKEN,
      YARDARM_BOOTSTRAP_KEYS: `shop/production/server=${KEY}`,
    }),
    log: pino({}, { write: (line: string) => lines.push(JSON.parse(line) as { msg: string }) }),
    now: Date.now,
    searchPath: '',
    signal: ending.signal,
    onLost: () => undefined,
  });
  running.catch(() => undefined);
  const stop = async () => {
    ending.abort();
    await running.then(
      (server) => server.close(),
      () => undefined,
    );
  };
  const one = { url: `http://127.0.0.1:${port}`, running, stop };
  started.push(one);
  return one;
}

async function call(server: Started, method: string, path: string, body?: unknown) {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, retryAfter: response.headers.get('retry-after'), body: await response.json() };
}

const ruleSet = (server: Started, secret = KEY) =>
  fetch(`${server.url}/sync/v1/ruleset`, { headers: { authorization: `Bearer ${secret}` } });
const health = async (server: Started, path: string) => (await fetch(`${server.url}/health/${path}`)).status;
const serves = (server: Started) =>
  vi.waitUntil(
    () =>
      health(server, 'sync').then(
        (status) => status === 200,
        () => false,
      ),
    { timeout: 10_000 },
  );
const messages = () => lines.map(({ msg }) => msg);
const snapshots = () => readdir(join(folder, 'snapshots'));

/** A server with one flag and a key that was never used, stopped; answers both. */
async function runOnce(): Promise<{ readonly unused: string; readonly keyId: string; readonly text: string }> {
  const server = await start();
  await server.running;
  const flag = { key: 'checkout', kind: 'operational', variants: { on: true, off: false } };
  expect((await call(server, 'POST', '/projects/shop/flags', flag)).status).toBe(201);
  const made = await call(server, 'POST', `${IN_PRODUCTION}/keys`, { kind: 'server', name: 'unused' });
  await vi.waitUntil(async () => (await (await ruleSet(server)).text()).includes('checkout'), { timeout: 10_000 });
  const text = await (await ruleSet(server)).text();
  const kept = () => readFile(join(folder, 'snapshots/keys.jsonl'), 'utf8').catch(() => '');
  await vi.waitUntil(async () => (await kept()).includes(made.body.id), { timeout: 10_000 });
  await server.stop();
  return { unused: made.body.secret, keyId: made.body.id, text };
}

describe('a server that is restarted while its database is away', () => {
  it('serves the same bytes to every key, used before or not, within 3 s, and refuses the rest with Retry-After', async () => {
    const { unused, text } = await runOnce();
    proxy.cut();
    const beganMs = performance.now();
    const server = await start();
    await serves(server);
    expect(performance.now() - beganMs).toBeLessThan(3_000);
    for (const secret of [KEY, unused]) {
      const response = await ruleSet(server, secret);
      expect([response.status, await response.text()]).toEqual([200, text]);
    }
    expect((await ruleSet(server, 'ys_nobody-knows-this-one')).status).toBe(503);
    expect([await health(server, 'live'), await health(server, 'ready')]).toEqual([200, 503]);
    expect(await call(server, 'GET', '/projects')).toMatchObject({
      status: 503,
      retryAfter: '5',
      body: { error: { code: 'unavailable' } },
    });
  });

  it('goes on without a restart when the database is back, and applies what was revoked meanwhile', async () => {
    const { unused, keyId } = await runOnce();
    proxy.cut();
    await database.sql`update sdk_keys set revoked_at = now() where id = ${keyId}`;
    const server = await start();
    await serves(server);
    expect((await ruleSet(server, unused)).status).toBe(200);
    proxy.mend();
    const mendedMs = performance.now();
    await vi.waitUntil(async () => (await ruleSet(server, unused)).status === 401, { timeout: 10_000 });
    expect(performance.now() - mendedMs).toBeLessThan(5_000);
    await server.running;
    await vi.waitUntil(async () => (await health(server, 'ready')) === 200, { timeout: 10_000 });
    const killed = await call(server, 'POST', `/projects/shop/flags/checkout/environments/production/kill`, {});
    expect(killed.status).toBe(200);
    const arrived = async () => parseState((await ruleSet(server)).headers.get(STATE_HEADER))?.revision === killed.body.revision;
    await vi.waitUntil(arrived, { timeout: 10_000 });
  });

  it('serves from the newest file: a key that was revoked before the outage stays refused', async () => {
    const { unused, keyId } = await runOnce();
    const before = await start();
    await before.running;
    expect((await call(before, 'DELETE', `${IN_PRODUCTION}/keys/${keyId}`)).status).toBeLessThan(300);
    await vi.waitUntil(async () => (await ruleSet(before, unused)).status === 401, { timeout: 10_000 });
    await before.stop();
    proxy.cut();
    const server = await start();
    await serves(server);
    expect((await ruleSet(server)).status).toBe(200);
    expect((await ruleSet(server, unused)).status).toBe(503);
  });

  it('without a snapshot waits for it, and serves nobody', async () => {
    proxy.cut();
    const server = await start();
    await delay(2_000);
    await expect(health(server, 'live')).rejects.toThrow();
    proxy.mend();
    await server.running;
    expect(await health(server, 'ready')).toBe(200);
  });
});

describe('a snapshot', () => {
  it('can be read by its owner only', async () => {
    await runOnce();
    const names = await snapshots();
    expect(names).toHaveLength(2);
    for (const name of names) expect((await stat(join(folder, 'snapshots', name))).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['damaged', (text: string) => text.replace('checkout', 'chequout'), 'is damaged'],
    ['cut short', (text: string) => text.slice(0, -40), 'is damaged'],
    ['empty', () => '', 'is damaged'],
  ])('that is %s is kept aside with a line in the log, and its environment answers 503', async (_title, change, why) => {
    await runOnce();
    const name = (await snapshots()).find((one) => one.startsWith('environment-'))!;
    const path = join(folder, 'snapshots', name);
    await writeFile(path, change(await readFile(path, 'utf8')));
    proxy.cut();
    const server = await start();
    await serves(server);
    const response = await ruleSet(server);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(messages().filter((msg) => msg.includes(why))).toHaveLength(1);
    expect(await snapshots()).toContain(`${name}.aside`);
  });

  it('of another instance than the database is kept aside, and nothing of it is served', async () => {
    await runOnce();
    const other = await testDatabase();
    await other.sql`update instance set id = gen_random_uuid()`;
    const server = await start(other.url);
    await server.running;
    await vi.waitUntil(async () => (await health(server, 'ready')) === 200, { timeout: 10_000 });
    // Made by the configuration in the other instance as well, where it has no flag.
    expect(await (await ruleSet(server)).text()).not.toContain('checkout');
    expect(messages().filter((msg) => msg.includes('of another instance than the database; it is not used'))).toHaveLength(2);
    await server.stop();
    await other.close();
  });
});
