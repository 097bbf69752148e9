// @ts-check
/** A PostgreSQL that no server owns, from the programs that the server brings: for several servers, and for its absence. */
import { chmod } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { startEmbeddedPostgres } from '../../apps/server/dist/db/embedded/embedded-postgres.js';
import { findEmbeddedBinaries, findSystemBinaries } from '../../apps/server/dist/db/embedded/postgres-binaries.js';
import { launchPostmaster, stopPostmaster } from '../../apps/server/dist/db/embedded/postmaster-process.js';
import { prepareEmbedded } from '../../apps/server/dist/db/embedded/prepare-embedded.js';
import { root } from '../../scripts/launch.mjs';

const { pino } = createRequire(path.join(root, 'apps/server/package.json'))('pino');
const START_MS = 60_000;
const SETTINGS = { max_connections: '200' };

/**
 * @typedef {{ url: string, directory: string, stop: () => Promise<void>, start: () => Promise<void> }} SharedPostgres `url` holds a
 *   password; `directory` is all that it keeps; `start` brings it back on the same port
 */

/**
 * @param {string} directory empty
 * @returns {Promise<SharedPostgres>}
 */
export async function startSharedPostgres(directory) {
  // As root PostgreSQL runs as another user, who must be able to pass.
  if (process.getuid?.() === 0) await chmod(directory, 0o711);
  const embedded = await findEmbeddedBinaries();
  const found = 'binaries' in embedded ? embedded : findSystemBinaries(process.env.PATH ?? '');
  if (!('binaries' in found)) throw new Error(`No PostgreSQL: ${found.problem}`);
  const log = pino({ level: 'silent' });
  const options = { ...(await prepareEmbedded(directory, found.binaries)), log, settings: SETTINGS };
  const first = await startEmbeddedPostgres(options);
  let stop = first.stop;
  return {
    url: first.url,
    directory: options.directory,
    stop: () => stop(),
    async start() {
      const outcome = await launchPostmaster(options, Number(new URL(first.url).port), performance.now() + START_MS);
      if (!('pid' in outcome)) throw new Error(`PostgreSQL does not start again: ${outcome.reason}`);
      stop = () => stopPostmaster(outcome.pid, log);
    },
  };
}
