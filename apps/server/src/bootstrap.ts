/**
 * What a server makes sure of at every start, in one transaction: the first user and a sign-in link, the demo
 * project, and the token and SDK keys that its configuration names. Running it again with the same settings changes
 * nothing but the link, and two servers that start at once take turns.
 */

import type { CommandOf } from '@yardarm/contract';
import { eq, inArray, sql } from 'drizzle-orm';
import type { FastifyBaseLogger } from 'fastify';
import { BOOTSTRAP_ACTOR } from './auth/actor.ts';
import { ensureApiToken } from './auth/api-tokens.ts';
import { ensureFullGrant } from './auth/grant-store.ts';
import { hashSecret, mintSecret } from './auth/secrets.ts';
import { mintSignInToken } from './auth/sign-in-links.ts';
import { runCommand } from './changes/run-command.ts';
import type { BootstrapKey, Config } from './config.ts';
import { ADVISORY_LOCK_CLASS, BOOTSTRAP_LOCK } from './db/advisory-locks.ts';
import type { Database, Tx } from './db/client.ts';
import { users } from './db/identity-tables.ts';
import { environments, projects, sdkKeys } from './db/schema.ts';
import { type DemoKeys, ensureDemo, readDemoKeys, writeDemoKeys } from './demo/ensure-demo.ts';
import { passGate } from './governance/gate.ts';

const FIRST_USER = 'admin';

export interface BootstrapDependencies {
  readonly db: Database;
  readonly log: FastifyBaseLogger;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly config: Pick<Config, 'bootstrapToken' | 'bootstrapKeys' | 'demo' | 'dataDirectory'>;
}

export interface Bootstrapped {
  /** For one use within an hour; `toSignInUrl` makes an address of it. */
  readonly signInToken: string;
  /** Null without a demo. */
  readonly demo: DemoKeys | null;
}

/** Needs a migrated database and an existing data directory. */
export async function bootstrap({ db, log, now, config }: BootstrapDependencies): Promise<Bootstrapped> {
  const knownKeys = config.demo ? await readDemoKeys(config.dataDirectory) : null;
  const result = await db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${ADVISORY_LOCK_CLASS}, ${BOOTSTRAP_LOCK})`);
    const signInToken = await mintSignInToken(tx, await ensureFirstUser(tx), { nowMs: now(), mintSecret });
    // The demo comes before the keys: they may name its environments, and it is made in an empty database only.
    const demo = config.demo ? await ensureDemo({ tx, now, mintSecret }, knownKeys) : null;
    const revoked = config.bootstrapToken === null ? 0 : await ensureApiToken(tx, 'bootstrap', config.bootstrapToken);
    await ensureSdkKeys(tx, config.bootstrapKeys, now);
    return { signInToken, demo, revoked };
  });
  if (result.revoked > 0) log.info('YARDARM_BOOTSTRAP_TOKEN has another value: the former one is not valid any more');
  if (result.demo !== null && result.demo !== knownKeys) await writeDemoKeys(config.dataDirectory, result.demo);
  if (config.demo && result.demo === null) log.info('no demo project: the database holds other projects');
  return { signInToken: result.signInToken, demo: result.demo };
}

async function ensureFirstUser(tx: Tx): Promise<string> {
  await tx.insert(users).values({ name: FIRST_USER }).onConflictDoNothing();
  const [user] = await tx.select({ id: users.id }).from(users).where(eq(users.name, FIRST_USER));
  if (user === undefined) throw new Error(`User ${FIRST_USER} was neither made nor found.`);
  await ensureFullGrant(tx, { userId: user.id });
  return user.id;
}

/** Keys that exist are left as they are, revoked or not: configuration must not bring back what somebody revoked. */
async function ensureSdkKeys(tx: Tx, keys: readonly BootstrapKey[], now: () => number): Promise<void> {
  const hashes = keys.map(({ key }) => hashSecret(key));
  const known = await tx.select({ keyHash: sdkKeys.keyHash }).from(sdkKeys).where(inArray(sdkKeys.keyHash, hashes));
  const missing = keys.filter(({ key }) => !known.some(({ keyHash }) => keyHash === hashSecret(key)));
  // All environments first: making one locks its project, and a key's record may not be written before that lock.
  for (const { project, environment } of missing) await ensureEnvironment(tx, project, environment, now);
  for (const key of missing) await makeSdkKey(tx, key, now);
}

async function makeSdkKey(tx: Tx, { project, environment, kind, key }: BootstrapKey, now: () => number): Promise<void> {
  const target = { project, environment };
  const input = { kind, name: 'Bootstrap', allowedOrigins: [] };
  const command: CommandOf<'key.create'> = { type: 'key.create', target, input };
  const { grant } = passGate({ actor: BOOTSTRAP_ACTOR, grants: [], command, requestId: 'bootstrap', idempotencyKey: null });
  // The configured text takes the place of a random one; everything else is the ordinary command.
  await runCommand({ db: tx, now, mintSecret: () => key }, grant);
}

async function ensureEnvironment(tx: Tx, project: string, environment: string, now: () => number): Promise<void> {
  const dependencies = { db: tx, now, mintSecret };
  const request = { actor: BOOTSTRAP_ACTOR, grants: [], requestId: 'bootstrap', idempotencyKey: null };
  const existing = await tx
    .select({ environment: environments.key })
    .from(projects)
    .leftJoin(environments, eq(environments.projectId, projects.id))
    .where(eq(projects.key, project));
  if (existing.length === 0) {
    const command = { type: 'project.create', target: {}, input: { key: project, name: project } } as const;
    await runCommand(dependencies, passGate({ ...request, command }).grant);
  }
  if (existing.some((row) => row.environment === environment)) return;
  const input = { key: environment, name: environment, protected: false };
  const command = { type: 'environment.create', target: { project }, input } as const;
  await runCommand(dependencies, passGate({ ...request, command }).grant);
}
