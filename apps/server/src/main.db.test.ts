/** The built server as a process of its own, on its embedded database: how it starts, ends, and survives. */
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isAlive, readPostmasterFile } from './db/embedded/postmaster.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const entry = join(root, 'apps/server/dist/main.js');
const TOKEN = 'token-of-the-process-test';

interface Process {
  readonly child: ChildProcess;
  /** Everything it wrote so far. */
  readonly output: () => string;
  /** Its address once it listens; rejects when it ends before. */
  readonly url: Promise<string>;
  readonly exitCode: Promise<number | null>;
}

let folder: string;
let processes: Process[];

// `npm test` has built already, and then this finds nothing to do.
beforeAll(() => {
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', 'apps/server'], { cwd: root });
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yardarm-process-'));
  processes = [];
});

afterEach(async () => {
  for (const { child } of processes) child.kill('SIGKILL');
  await Promise.all(processes.map((one) => one.exitCode));
  const pid = databasePid();
  if (isAlive(pid)) process.kill(pid, 'SIGQUIT');
  await expect.poll(() => isAlive(pid)).toBe(false);
  rmSync(folder, { recursive: true, force: true });
});

describe('a server process', () => {
  it('stops cleanly on SIGTERM, and a second signal does not disturb it', async () => {
    const server = launch();
    const url = await server.url;
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    const pid = databasePid();
    server.child.kill('SIGTERM');
    await delay(5);
    server.child.kill('SIGINT');
    expect(await server.exitCode).toBe(0);
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(join(folder, 'data/postgres/postmaster.pid'))).toBe(false);
    expect(server.output()).toContain('server has stopped');
  });

  it('loses nothing to kill -9: the next one adopts the database that was left behind', async () => {
    const first = launch();
    await createProject(await first.url, 'kept');
    const pid = databasePid();
    first.child.kill('SIGKILL');
    await first.exitCode;
    expect(isAlive(pid)).toBe(true);

    const second = launch();
    expect(await projectKeys(await second.url)).toEqual(['kept']);
    expect(second.output()).toContain('"adopted":true');
    second.child.kill('SIGINT');
    expect(await second.exitCode).toBe(0);
    expect(isAlive(pid)).toBe(false);
  });

  it('recovers when server and database are both killed', async () => {
    const first = launch();
    await createProject(await first.url, 'kept');
    process.kill(databasePid(), 'SIGKILL');
    first.child.kill('SIGKILL');
    await first.exitCode;
    expect(await projectKeys(await launch().url)).toEqual(['kept']);
  });

  it('refuses to share its data directory, names the holder, and leaves the holder in peace', async () => {
    const first = launch();
    const url = await first.url;
    const second = launch();
    expect(await second.exitCode).toBe(1);
    expect(second.output()).toContain(`is in use by another server (yardarm server, process ${first.child.pid} on `);
    expect(await projectKeys(url)).toEqual([]);
  });

  it('of two that start at once in an empty directory lets one in', async () => {
    const both = [launch(), launch()];
    const outcomes = await Promise.allSettled(both.map((server) => server.url));
    expect(outcomes.map((outcome) => outcome.status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(both.map((server) => server.output()).join('')).toContain('is in use by another server');
  });

  it.each(['initialising', 'postgres.log'])('starts after a first start that was killed when %s appeared', async (name) => {
    const first = launch();
    await untilDataHolds(name);
    first.child.kill('SIGKILL');
    await first.exitCode;
    expect((await fetch(`${await launch().url}/health/ready`)).status).toBe(200);
    expect(readdirSync(join(folder, 'data')).filter((file) => file.includes('initialising'))).toEqual([]);
  });

  it.each(['initialising', 'postgres.log'])('leaves nothing running when it is interrupted when %s appeared', async (name) => {
    const server = launch();
    await untilDataHolds(name);
    server.child.kill('SIGINT');
    expect(await server.exitCode).toBe(0);
    expect(isAlive(databasePid())).toBe(false);
    expect(server.output()).not.toMatch(/"level":"(error|fatal)"/);
  });

  it('stops when the process that started it goes away', async () => {
    const server = launch();
    await server.url;
    const pid = databasePid();
    server.child.disconnect();
    expect(await server.exitCode).toBe(0);
    expect(isAlive(pid)).toBe(false);
  });

  it('says in one sentence that its port is taken, and stops its database', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const server = launch({ PORT: String(port) });
    expect(await server.exitCode).toBe(1);
    expect(server.output()).toContain(`Port ${port} on 127.0.0.1 is in use by another program.`);
    expect(isAlive(databasePid())).toBe(false);
    other.close();
  });

  it('reports every malformed setting before it touches the disk', async () => {
    const server = launch({ PORT: 'many', YARDARM_DEMOS: '1' });
    expect(await server.exitCode).toBe(1);
    expect(server.output()).toContain('YARDARM_DEMOS is not a setting of Yardarm. Did you mean YARDARM_DEMO?\nPORT must be');
    expect(readdirSync(folder)).toEqual([]);
  });
});

function launch(env: Record<string, string> = {}): Process {
  const { PATH, HOME } = process.env;
  const child = fork(entry, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
    env: { PATH, HOME, PORT: '0', YARDARM_DATA_DIR: 'data', YARDARM_BOOTSTRAP_TOKEN: TOKEN, ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += String(chunk)));
  // Not `close`, which a child whose channel was disconnected never emits.
  const ended = [child.stdout, child.stderr].map((stream) => (stream === null ? null : once(stream, 'end')));
  const exitCode = Promise.all([once(child, 'exit'), ...ended]).then(([[code]]) => code as number | null);
  const url = new Promise<string>((resolve, reject) => {
    child.once('message', (message: { url: string }) => resolve(message.url));
    void exitCode.then((code) => reject(new Error(`The server ended with ${code}: ${output}`)));
  });
  url.catch(() => undefined);
  const launched = { child, output: () => output, url, exitCode };
  processes.push(launched);
  return launched;
}

/** Until a file whose name contains `part` is in the data directory. */
async function untilDataHolds(part: string): Promise<void> {
  const holds = () => existsSync(join(folder, 'data')) && readdirSync(join(folder, 'data')).some((file) => file.includes(part));
  await expect.poll(holds, { interval: 5, timeout: 20_000 }).toBe(true);
}

async function createProject(url: string, key: string): Promise<void> {
  const answer = await fetch(`${url}/api/v1/projects`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ key, name: key }),
  });
  expect(answer.status).toBe(201);
}

async function projectKeys(url: string): Promise<string[]> {
  const answer = await fetch(`${url}/api/v1/projects`, { headers: { authorization: `Bearer ${TOKEN}` } });
  const { items }: { items: { key: string }[] } = await answer.json();
  return items.map((item) => item.key);
}

/** NaN, which is no process, before there is one. */
function databasePid(): number {
  return readPostmasterFile(join(folder, 'data/postgres'))?.pid ?? Number.NaN;
}
