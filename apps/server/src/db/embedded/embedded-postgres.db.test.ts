import { spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import postgres from 'postgres';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';
import { findEmbeddedBinaries, findSystemBinaries } from './postgres-binaries.ts';
import { isAlive, readPostmasterFile } from './postmaster.ts';
import { findFreePort, launchPostmaster } from './postmaster-process.ts';
import { prepareEmbedded } from './prepare-embedded.ts';
import { canUseNamespace } from './run-as.ts';

const log = pino({ level: 'silent' });
const isRoot = process.getuid?.() === 0;

let folder: string;
let directory: string;
let started: EmbeddedPostgres[];
let cleanups: (() => void)[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yardarm-embedded-'));
  if (isRoot) chmodSync(folder, 0o711);
  directory = join(folder, 'postgres');
  started = [];
  cleanups = [];
});

afterEach(async () => {
  for (const server of started) await server.stop();
  for (const clean of cleanups) clean();
  rmSync(folder, { recursive: true });
});

describe('startEmbeddedPostgres', () => {
  it('makes a database, stops without leaving a process, and finds its rows again', async () => {
    const first = await start();
    await run(first, 'create table kept as select 7 as n');
    const pid = postmasterPid();
    await first.stop();
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(join(directory, 'postmaster.pid'))).toBe(false);

    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await run(second, 'select n from kept')).toEqual([{ n: 7 }]);
  });

  it('writes to the disk and listens on this machine only, with a password', async () => {
    const server = await start();
    const settings =
      "select name, setting from pg_settings where name in ('fsync', 'listen_addresses', 'unix_socket_directories')";
    expect(await run(server, `${settings} order by name`)).toEqual([
      { name: 'fsync', setting: 'on' },
      { name: 'listen_addresses', setting: '127.0.0.1' },
      { name: 'unix_socket_directories', setting: '' },
    ]);
    const guessed = postgres(server.url.replace(/:[^:@]+@/, ':guess@'), { max: 1 });
    await expect(guessed`select 1`).rejects.toMatchObject({ code: '28P01' });
    await guessed.end();
  });

  it('adopts a postmaster that outlived its server', async () => {
    const first = await start();
    const pid = postmasterPid();
    first.abandon();
    const second = await start();
    expect(second).toMatchObject({ adopted: true, url: first.url });
    expect(postmasterPid()).toBe(pid);
    await second.stop();
    expect(isAlive(pid)).toBe(false);
  });

  it('recovers every committed row after the postmaster was killed', async () => {
    const first = await start();
    await run(first, 'create table kept as select generate_series(1, 1000) as n');
    first.abandon();
    process.kill(postmasterPid(), 'SIGKILL');
    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await run(second, 'select count(*)::int as rows from kept')).toEqual([{ rows: 1000 }]);
  });

  it('restarts a postmaster that dies under the server, at the same address', async () => {
    const server = await start();
    await run(server, 'create table kept as select 7 as n');
    const pid = postmasterPid();
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => run(server, 'select n from kept').catch(() => null), { timeout: 15_000 }).toEqual([{ n: 7 }]);
    expect(postmasterPid()).not.toBe(pid);
  });

  it('starts although the process id of a dead postmaster now belongs to another program', async () => {
    const first = await start();
    first.abandon();
    const path = join(directory, 'postmaster.pid');
    process.kill(postmasterPid(), 'SIGKILL');
    const stranger = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
    cleanups.push(() => stranger.kill());
    writeFileSync(path, readFileSync(path, 'utf8').replace(/^\d+/, String(stranger.pid)));
    const second = await start();
    expect(second.adopted).toBe(false);
    expect(stranger.exitCode).toBeNull();
  });

  it('clears away a first start that was killed half-way, and nothing else', async () => {
    const deadPid = 2 ** 22 + 1;
    mkdirSync(join(folder, `postgres.initialising-${deadPid}/cluster`), { recursive: true });
    mkdirSync(join(folder, `postgres.initialising-${process.ppid}`));
    await start();
    expect(readdirSync(folder).toSorted()).toEqual(['postgres', `postgres.initialising-${process.ppid}`, 'postgres.log']);
  });

  it('refuses a folder with files that are no finished database, and touches none of them', async () => {
    mkdirSync(directory);
    writeFileSync(join(directory, 'PG_VERSION'), '18\n');
    await expect(start()).rejects.toThrow(/holds files but no database that Yardarm finished making/);
    expect(readdirSync(directory)).toEqual(['PG_VERSION']);
  });

  it('refuses a database of another major version by name', async () => {
    await (await start()).stop();
    writeFileSync(join(directory, 'PG_VERSION'), '9\n');
    await expect(start()).rejects.toThrow(/was made by PostgreSQL 9, and this Yardarm brings PostgreSQL \d/);
  });

  it('leaves nothing running when the start is broken off', async () => {
    await (await start()).stop();
    const outcome = launch({ signal: AbortSignal.abort() });
    await expect(outcome).resolves.toMatchObject({ mayPass: false });
    expect(existsSync(join(directory, 'postmaster.pid'))).toBe(false);
  });

  it('takes a port that is in use for an obstacle that passes', async () => {
    const other = await start();
    const takenPort = Number(new URL(other.url).port);
    await other.stop();
    const blocker = createServer().listen(takenPort, '127.0.0.1');
    cleanups.push(() => blocker.close());
    await expect(launch({ port: takenPort })).resolves.toMatchObject({ mayPass: true, reason: expect.stringContaining('FATAL') });
  });

  it('reports a setting that PostgreSQL refuses as an obstacle that stays', async () => {
    await (await start()).stop();
    const outcome = await launch({ settings: { max_connections: 'many' } });
    expect(outcome).toMatchObject({ mayPass: false, reason: expect.stringContaining('max_connections') });
  });
});

describe('prepareEmbedded', () => {
  it('works below a folder that only its owner may enter, or says what to do', async () => {
    chmodSync(folder, 0o700);
    const refused = isRoot && !canUseNamespace();
    const outcome = await start().then(
      () => 'started',
      (error: Error) => error.message,
    );
    expect(outcome).toMatch(refused ? /Set YARDARM_DATA_DIR to a folder that every user may enter/ : /^started$/);
  });

  it('finds the mode of the first start again at the second, when the folder has been opened since', async () => {
    chmodSync(folder, 0o700);
    const namespaces = () => canUseNamespace();
    await (await start(namespaces)).stop();
    chmodSync(folder, 0o711);
    const again = await start(namespaces);
    expect(again.adopted).toBe(false);
  });

  it('copies programs that the other user cannot reach beside the data, where namespaces are denied', async () => {
    const { binaries } = await findPrograms();
    const hidden = mkdtempSync(join(tmpdir(), 'yardarm-hidden-'));
    cleanups.push(() => rmSync(hidden, { recursive: true }));
    cpSync(binaries.root, join(hidden, 'native'), { recursive: true, verbatimSymlinks: true });
    const root = join(hidden, 'native');
    const programs = { ...binaries, root, initdb: join(root, 'bin/initdb'), postgres: join(root, 'bin/postgres') };
    const prepared = await prepareEmbedded(folder, programs, () => false);
    expect(prepared.binaries.root === root).toBe(!isRoot);
    started.push(await startEmbeddedPostgres({ ...prepared, log, durable: false }));
  });
});

async function start(namespaces?: () => boolean): Promise<EmbeddedPostgres> {
  const { binaries } = await findPrograms();
  const prepared = await prepareEmbedded(folder, binaries, namespaces);
  const server = await startEmbeddedPostgres({ ...prepared, log, durable: false });
  started.push(server);
  return server;
}

async function launch({ port, ...options }: { port?: number; signal?: AbortSignal; settings?: Record<string, string> }) {
  const { binaries } = await findPrograms();
  const prepared = await prepareEmbedded(folder, binaries);
  return launchPostmaster({ ...prepared, log, ...options }, port ?? (await findFreePort()), performance.now() + 20_000);
}

async function findPrograms() {
  const embedded = await findEmbeddedBinaries();
  const found = 'binaries' in embedded ? embedded : findSystemBinaries(process.env.PATH ?? '');
  if ('problem' in found) throw new Error(found.problem);
  return found;
}

async function run(server: EmbeddedPostgres, statement: string): Promise<unknown[]> {
  const sql = postgres(server.url, { max: 1, connect_timeout: 5 });
  try {
    return [...(await sql.unsafe(statement))];
  } finally {
    await sql.end();
  }
}

function postmasterPid(): number {
  return readPostmasterFile(directory)?.pid ?? Number.NaN;
}
