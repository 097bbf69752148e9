/**
 * `main.js admin …`: what only somebody on the server's machine may do, straight in the database, so that it works while the
 * server runs, while it does not, and when nobody can sign in.
 */
import { asc, eq } from 'drizzle-orm';
import { BOOTSTRAP_ACTOR } from '../auth/actor.ts';
import { mintSecret } from '../auth/secrets.ts';
import { toLinkUrl } from '../auth/sign-in-links.ts';
import { runCommand } from '../changes/run-command.ts';
import type { Config } from '../config.ts';
import { createPool, type Database } from '../db/client.ts';
import { openDatabase } from '../db/open-database.ts';
import { findRunningDatabase } from '../db/running-database.ts';
import { environments, projects } from '../db/schema.ts';
import { passGate } from '../governance/gate.ts';
import { toUrlHost } from '../listen.ts';
import type { Logger } from '../observability/logger.ts';
import { StartError } from '../start-error.ts';
import { findUserByName, presentUsers } from '../users/user-store.ts';

export interface AdminDependencies {
  readonly config: Config;
  readonly log: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly searchPath: string;
}

const USAGE = `Usage:
  admin reset <user>                       prints a link with which the user chooses a new password, once, within an hour
  admin new-epoch                          after a backup was restored: SDKs take what the database holds now for the newest
  admin new-epoch <project> <environment>  the same for one environment`;

/** Answers what to print. Throws a StartError, whose message is one sentence. */
export async function runAdmin(words: readonly string[], dependencies: AdminDependencies): Promise<string> {
  const [verb, ...names] = words;
  const { config, now } = dependencies;
  if (verb === 'reset' && names.length > 0)
    return withDatabase(dependencies, (db) => resetByName(db, names.join(' '), config, now));
  if (verb === 'new-epoch' && (names.length === 0 || names.length === 2))
    return withDatabase(dependencies, (db) => makeEpochs(db, names, now));
  throw new StartError(USAGE);
}

async function resetByName(db: Database, name: string, config: Config, now: () => number): Promise<string> {
  const user = await findUserByName(db, name);
  if (user === null) {
    const known = (await presentUsers(db)).map((one) => `'${one.name}'`).join(', ');
    throw new StartError(`There is no user '${name}'. There are: ${known || 'none'}.`);
  }
  if (user.disabledAt !== null)
    throw new StartError(`User '${user.name}' is disabled; reset an administrator, who can enable them.`);
  const command = {
    type: 'user.reset',
    target: { user: user.id },
    input: { reason: 'admin reset on the machine of the server' },
  } as const;
  const { grant } = passGate({ actor: BOOTSTRAP_ACTOR, grants: [], command, requestId: 'admin', idempotencyKey: null });
  const { secret = '' } = await runCommand<'user.reset'>({ db, now, mintSecret }, grant);
  const origin = config.publicUrl ?? `http://${toUrlHost(config.host)}:${config.port}`;
  return `'${user.name}' chooses a new password here (works once, within an hour): ${toLinkUrl(origin, 'reset', secret)}`;
}

/** @param names of a project and an environment; empty: every environment of every project */
async function makeEpochs(db: Database, names: readonly string[], now: () => number): Promise<string> {
  const all = await db
    .select({ project: projects.key, environment: environments.key })
    .from(environments)
    .innerJoin(projects, eq(projects.id, environments.projectId))
    .orderBy(asc(projects.key), asc(environments.position));
  const chosen = all.filter(
    ({ project, environment }) => names.length === 0 || (project === names[0] && environment === names[1]),
  );
  if (chosen.length === 0)
    throw new StartError(
      names.length === 0
        ? 'There are no environments yet.'
        : `There is no environment '${names.join('/')}'. There are: ${all.map((one) => `${one.project}/${one.environment}`).join(', ') || 'none'}.`,
    );
  const lines: string[] = [];
  for (const target of chosen) {
    const command = {
      type: 'environment.new_epoch',
      target,
      input: { reason: 'admin new-epoch on the machine of the server' },
    } as const;
    const { grant } = passGate({ actor: BOOTSTRAP_ACTOR, grants: [], command, requestId: 'admin', idempotencyKey: null });
    const { epoch, revision } = await runCommand<'environment.new_epoch'>({ db, now, mintSecret }, grant);
    lines.push(`${target.project}/${target.environment}: revision ${revision} of the new epoch ${epoch}`);
  }
  return lines.join('\n');
}

async function withDatabase<T>({ config, log, searchPath }: AdminDependencies, work: (db: Database) => Promise<T>): Promise<T> {
  const url = await findRunningDatabase(config);
  if (url !== null) {
    const pool = createPool({ url, applicationName: 'yardarm admin', maxConnections: 1, log });
    return work(pool.db).finally(() => pool.sql.end({ timeout: 1 }));
  }
  const onLost = () => {};
  const database = await openDatabase({ config, log, searchPath, onLost, signal: new AbortController().signal });
  return work(database.db).finally(() => database.close());
}
