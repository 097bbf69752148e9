/** The way to the database beside a running server: for commands on the server's own machine. */
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { StartError } from '../start-error.ts';
import { inspectCluster, readPassword } from './embedded/cluster-directory.ts';
import { urlOf } from './embedded/embedded-postgres.ts';
import { isAlive, isPostmasterOf, readPostmasterFile } from './embedded/postmaster.ts';

/**
 * The address of the database that the settings name, if it runs: DATABASE_URL, or the embedded one of a running server.
 * Null where the embedded database does not run and may be opened. Throws a StartError where there is none at all.
 */
export async function findRunningDatabase({
  databaseUrl,
  dataDirectory,
}: Pick<Config, 'databaseUrl' | 'dataDirectory'>): Promise<string | null> {
  if (databaseUrl !== null) return databaseUrl;
  const directory = join(dataDirectory, 'postgres');
  if ((await inspectCluster(directory)) !== 'finished')
    throw new StartError(
      `There is no database in '${dataDirectory}'. Set YARDARM_DATA_DIR or DATABASE_URL as the server has it, and run this where the server runs.`,
    );
  const found = readPostmasterFile(directory);
  if (found === null || !found.ready || !isAlive(found.pid) || !isPostmasterOf(found.pid, directory)) return null;
  return urlOf(found.port, await readPassword(directory));
}
