/** Chooses and starts the PostgreSQL of a test run. See database.setup.ts for the order. */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { startEmbeddedPostgres } from '../db/embedded/embedded-postgres.ts';
import { type BinariesFound, findEmbeddedBinaries, findSystemBinaries } from '../db/embedded/postgres-binaries.ts';
import { prepareEmbedded } from '../db/embedded/prepare-embedded.ts';

export interface TestServer {
  readonly description: string;
  /** A role that may create databases. */
  readonly adminUrl: string;
  stop(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

const DOCKER_IMAGE = 'postgres:18';
const DOCKER_SOCKET = '/var/run/docker.sock';
/** Tests throw their data away, so nothing waits for a disk. */
const FAST_SETTINGS = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' };

export async function chooseTestServer(env: Environment): Promise<TestServer> {
  const forced = env.TEST_DB;
  if (forced !== undefined && !['docker', 'embedded', 'system'].includes(forced)) {
    throw new Error(`TEST_DB is '${forced}'. Set it to docker, embedded or system, or unset it.`);
  }
  if (env.TEST_DATABASE_URL !== undefined && env.TEST_DATABASE_URL !== '') {
    if (forced !== undefined) throw new Error('TEST_DATABASE_URL and TEST_DB are both set. Unset one of them.');
    const { host } = new URL(env.TEST_DATABASE_URL);
    return { description: `TEST_DATABASE_URL (${host})`, adminUrl: env.TEST_DATABASE_URL, stop: async () => {} };
  }
  const failures: string[] = [];
  if (forced === 'docker' || (forced === undefined && (env.DOCKER_HOST !== undefined || existsSync(DOCKER_SOCKET)))) {
    const docker = await startContainer().catch((error: Error) => error);
    if (!(docker instanceof Error)) return docker;
    failures.push(`Docker: ${docker.message}`);
  }
  if (forced === undefined || forced === 'embedded') {
    const found = await findEmbeddedBinaries();
    if ('binaries' in found) return startPrograms(found, 'embedded');
    failures.push(`embedded: ${found.problem}`);
  }
  if (forced === undefined || forced === 'system') {
    const found = findSystemBinaries(env.PATH ?? '');
    if ('binaries' in found) return startPrograms(found, 'system');
    failures.push(`system: ${found.problem}`);
  }
  throw new Error(
    `No PostgreSQL for the database tests. ${failures.join('; ')}. Set TEST_DATABASE_URL to one that may create databases.`,
  );
}

/** Imported only here: without Docker the module is of no use, and a broken one must not break the other ways. */
async function startContainer(): Promise<TestServer> {
  const { PostgreSqlContainer } = await import('@testcontainers/postgresql');
  const container = await new PostgreSqlContainer(DOCKER_IMAGE)
    .withCommand(['postgres', '-c', 'fsync=off', '-c', 'max_connections=300'])
    .start();
  return {
    description: `Docker container ${DOCKER_IMAGE}`,
    adminUrl: container.getConnectionUri(),
    stop: async () => {
      await container.stop();
    },
  };
}

async function startPrograms(found: Extract<BinariesFound, { binaries: unknown }>, name: string): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'yardarm-test-'));
  // As root PostgreSQL runs as another user, who must be able to pass.
  if (process.getuid?.() === 0) await chmod(folder, 0o711);
  const prepared = await prepareEmbedded(folder, found.binaries);
  const endGuard = guardAgainstSuddenEnd(folder, prepared.directory);
  const log = pino({ level: 'warn' });
  const server = await startEmbeddedPostgres({ ...prepared, log, settings: FAST_SETTINGS, durable: false });
  return {
    description: `${name} PostgreSQL ${found.binaries.version}`,
    adminUrl: server.url,
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
      endGuard();
    },
  };
}

/**
 * A run may end without its teardown (Ctrl-C, kill -9). This small process notices because its standard input
 * closes with us, and then stops the database and removes its folder. Plain JavaScript: Node 20 runs no TypeScript.
 */
function guardAgainstSuddenEnd(folder: string, directory: string): () => void {
  const script = `
    const { rmSync, existsSync, readFileSync } = require('node:fs');
    const [folder, file] = process.argv.slice(1);
    process.stdin.resume().on('end', () => {
      if (!existsSync(folder)) return;
      if (existsSync(file)) try { process.kill(Number(readFileSync(file, 'utf8').split('\\n')[0]), 'SIGQUIT'); } catch {}
      setTimeout(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }), 500);
    });`;
  const args = ['-e', script, folder, join(directory, 'postmaster.pid')];
  const guard = spawn(process.execPath, args, { detached: true, cwd: '/', stdio: ['pipe', 'ignore', 'ignore'] });
  guard.unref();
  return () => guard.stdin?.end();
}
