/** Two built servers as processes of their own on one database. */
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseServerMessage, STREAM_PATH, SUBPROTOCOL } from '@yardarm/sync';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type TestDatabase, testDatabase } from './testing/database.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const TOKEN = 'token-of-the-replica-test';
const KEY = 'ys_key-of-the-replica-test';
const ROUNDS = 5;

let database: TestDatabase;
let folder: string;
let children: ChildProcess[];
// `npm test` has built already, and then this finds nothing to do.
beforeAll(() => {
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', 'apps/server'], { cwd: root });
});

beforeEach(async () => {
  database = await testDatabase({ migrated: false });
  folder = mkdtempSync(join(tmpdir(), 'yardarm-replicas-'));
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(children.filter(isAlive).map((child) => once(child, 'exit')));
  await database.close();
  rmSync(folder, { recursive: true });
});

const isAlive = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null;

/** Resolves with the server's address once it is ready. */
async function launch(name: string): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const { PATH, HOME } = process.env;
  const child = fork(join(root, 'apps/server/dist/main.js'), {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: [],
    env: {
      PATH,
      HOME,
      PORT: '0',
      DATABASE_URL: database.url,
      YARDARM_DATA_DIR: join(folder, name),
      YARDARM_SECRET_FILE: join(folder, 'secret'),
      YARDARM_BOOTSTRAP_TOKEN: TOKEN,
      YARDARM_BOOTSTRAP_KEYS: `shop/production/server=${KEY}`,
    },
  });
  children.push(child);
  const [message] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`The server '${name}' ended with ${code}.`))),
  ])) as [{ url: string }];
  return { url: message.url, child };
}

function post(url: string, path: string, body: unknown): Promise<Response> {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  return fetch(`${url}/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

/** A reader of the newest state, and how to wait for a revision. */
async function connect(url: string) {
  const socket = new WebSocket(url.replace('http', 'ws') + STREAM_PATH, SUBPROTOCOL, {
    headers: { authorization: `Bearer ${KEY}` },
  });
  let newest = 0;
  socket.on('message', (data) => {
    const message = parseServerMessage(String(data));
    if (message?.type === 'delta') newest = Math.max(newest, message.to);
    if (message?.type !== 'delta' && message?.type !== 'welcome') return;
    const { epoch, digest } = message;
    const revision = message.type === 'delta' ? message.to : message.revision;
    socket.send(JSON.stringify({ type: 'applied', epoch, revision, digest }));
  });
  await once(socket, 'open');
  const app = { name: 'test', version: '1' };
  socket.send(JSON.stringify({ type: 'hello', protocol: 1, formats: [1], sdk: 'test/1', app, instance: `at ${url}` }));
  await once(socket, 'message');
  return { socket, newest: () => newest };
}

const headRevision = async () => {
  const [row] = await database.sql<{ revision: number }[]>`select revision::int from environment_heads`;
  return row!.revision;
};

test('start at once in an empty database; what one commits and cannot tell, the other delivers within 3 s', async () => {
  const [first, second] = await Promise.all([launch('first'), launch('second')]);
  const flag = { key: 'checkout', kind: 'operational', variants: { on: true, off: false } };
  expect((await post(second.url, '/projects/shop/flags', flag)).status).toBe(201);
  const reader = await connect(second.url);
  let writer = first;
  for (let round = 0; round < ROUNDS; round++) {
    const before = await headRevision();
    const verb = round % 2 === 0 ? 'unkill' : 'kill';
    const lost = post(writer.url, `/projects/shop/flags/checkout/environments/production/${verb}`, {}).catch(() => null);
    while ((await headRevision()) === before) await delay(1);
    const committedMs = performance.now();
    writer.child.kill('SIGKILL');
    while (reader.newest() <= before) {
      expect(performance.now() - committedMs).toBeLessThan(3_000);
      await delay(1);
    }
    await lost;
    if (round < ROUNDS - 1) writer = await launch('first');
  }
  reader.socket.close();
});
