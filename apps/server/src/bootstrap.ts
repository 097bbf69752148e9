/**
 * What a server makes sure of at every start, in one transaction: the first administrator and a link for them, the demo
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
import { type LinkPurpose, mintLink } from './auth/sign-in-links.ts';
import { runCommand } from './changes/run-command.ts';
import type { BootstrapKey, Config } from './config.ts';
import { ADVISORY_LOCK_CLASS, BOOTSTRAP_LOCK } from './db/advisory-locks.ts';
import type { Database, Tx } from './db/client.ts';
import { users } from './db/identity-tables.ts';
import { environments, projects, sdkKeys } from './db/schema.ts';
import { setTimeLimits } from './db/time-limits.ts';
import { type DemoKeys, ensureDemo, readDemoKeys, writeDemoKeys } from './demo/ensure-demo.ts';
import { passGate } from './governance/gate.ts';
import { listAdministrators } from './users/user-store.ts';

const FIRST_USER = 'admin';
/** Servers that start together take turns; one that makes the demo takes seconds. */
const TURN_MS = 60_000;

export interface BootstrapDependencies {
  readonly db: Database;
  readonly log: FastifyBaseLogger;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly config: Pick<Config, 'bootstrapToken' | 'bootstrapKeys' | 'demo' | 'dataDirectory'>;
}

export interface Bootstrapped {
  /** For one use within an hour; `toLinkUrl` makes an address of it. Null: who administers this instance has a way in. */
  readonly link: { readonly purpose: LinkPurpose; readonly token: string } | null;
  /** Null without a demo. */
  readonly demo: DemoKeys | null;
}

/** Needs a migrated database and an existing data directory. */
export async function bootstrap({ db, log, now, config }: BootstrapDependencies): Promise<Bootstrapped> {
  const knownKeys = config.demo ? await readDemoKeys(config.dataDirectory) : null;
  const result = await db.transaction(async (tx) => {
    await setTimeLimits(tx, { lockMs: TURN_MS, statementMs: TURN_MS });
    await tx.execute(sql`select pg_advisory_xact_lock(${ADVISORY_LOCK_CLASS}, ${BOOTSTRAP_LOCK})`);
    const link = await makeLink(tx, { demo: config.demo, nowMs: now() });
    // The demo comes before the keys: they may name its environments, and it is made in an empty database only.
    const demo = config.demo ? await ensureDemo({ tx, now, mintSecret }, knownKeys) : null;
    const revoked = config.bootstrapToken === null ? 0 : await ensureApiToken(tx, 'bootstrap', config.bootstrapToken);
    await ensureSdkKeys(tx, config.bootstrapKeys, now);
    return { link, demo, revoked };
  });
  if (result.revoked === 'refused')
    log.error('YARDARM_BOOTSTRAP_TOKEN holds a token that was revoked: it opens nothing; set a new value, or unset the variable');
  else if (result.revoked > 0) log.info('YARDARM_BOOTSTRAP_TOKEN has another value: the former one is not valid any more');
  if (result.demo !== null && result.demo !== knownKeys) await writeDemoKeys(config.dataDirectory, result.demo);
  if (config.demo && result.demo === null) log.info('no demo project: the database holds other projects');
  return { link: result.link, demo: result.demo };
}

/**
 * With the demo, a sign-in link for the oldest administrator at every start: whoever reads the terminal of `npm start` owns the
 * data directory. Otherwise a set-up link until somebody has set the instance up, and none after that: logs are
 * collected, and a link in them would be a standing way in. Then `admin reset` on the server's machine is the way back.
 */
async function makeLink(
  tx: Tx,
  { demo, nowMs }: { readonly demo: boolean; readonly nowMs: number },
): Promise<Bootstrapped['link']> {
  const administrators = await listAdministrators(tx);
  if (!demo && administrators.some(({ hasWayIn }) => hasWayIn)) return null;
  const userId = administrators[0]?.id ?? (await makeFirstUser(tx));
  const purpose = demo ? 'sign_in' : 'set_up';
  return { purpose, token: await mintLink(tx, { userId, purpose }, { nowMs, mintSecret }) };
}

/** Without a password: nobody can sign in as this user except by the link. */
async function makeFirstUser(tx: Tx): Promise<string> {
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
