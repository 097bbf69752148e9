/**
 * Makes the demo project in an empty database, and keeps SDK keys for the demo shop. Everything goes through the
 * gate and runCommand like anybody's writes. Never touches a project that it did not make.
 */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createKeyInput } from '@yardarm/contract';
import { and, eq, inArray, isNull } from 'drizzle-orm';
import { z } from 'zod';
import type { Actor } from '../auth/actor.ts';
import { hashSecret } from '../auth/secrets.ts';
import { type CommandDependencies, runCommand } from '../changes/run-command.ts';
import { changeSets } from '../db/audit-tables.ts';
import type { Tx } from '../db/client.ts';
import { environments, projects, sdkKeys } from '../db/schema.ts';
import { passGate } from '../governance/gate.ts';
import { DEMO_ENVIRONMENT, DEMO_PROJECT, demoCommands } from './demo-project.ts';

const DEMO_ACTOR: Actor = { kind: 'system', name: 'demo' };
const KEY_FILE = 'demo.json';

const demoKeys = z.object({
  project: z.literal(DEMO_PROJECT),
  environment: z.literal(DEMO_ENVIRONMENT),
  serverKey: z.string(),
  clientKey: z.string(),
});
/** What the demo shop connects with. */
export type DemoKeys = z.infer<typeof demoKeys>;

export type DemoDependencies = Omit<CommandDependencies, 'db'> & { readonly tx: Tx };

/**
 * The keys of the demo project; null when the database holds other projects and no demo.
 * @param known what `readDemoKeys` found; keys that this database does not know, or has revoked, are made anew.
 */
export async function ensureDemo(dependencies: DemoDependencies, known: DemoKeys | null): Promise<DemoKeys | null> {
  const { tx, now } = dependencies;
  const [anyProject] = await tx.select({ id: projects.id }).from(projects).limit(1);
  if (anyProject === undefined) for (const command of demoCommands(now())) await run(dependencies, command);
  else if (!(await isDemoHere(tx))) return null;
  if (known !== null && (await areKeysAlive(tx, known))) return known;
  return {
    project: DEMO_PROJECT,
    environment: DEMO_ENVIRONMENT,
    serverKey: await makeKey(dependencies, 'server'),
    clientKey: await makeKey(dependencies, 'client'),
  };
}

/** Null when there is no such file or it is damaged. Throws when it exists and may not be read. */
export async function readDemoKeys(dataDirectory: string): Promise<DemoKeys | null> {
  try {
    return demoKeys.parse(JSON.parse(await readFile(join(dataDirectory, KEY_FILE), 'utf8')));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Readable by the server's user only. Written aside and moved, so that a crash leaves the old file or the new. */
export async function writeDemoKeys(dataDirectory: string, keys: DemoKeys): Promise<void> {
  const file = join(dataDirectory, KEY_FILE);
  await writeFile(`${file}.new`, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** The history tells whose project it is: somebody may have called their own `shop`. */
async function isDemoHere(tx: Tx): Promise<boolean> {
  const rows = await tx
    .select({ id: changeSets.id })
    .from(changeSets)
    .innerJoin(projects, eq(projects.id, changeSets.projectId))
    .where(
      and(
        eq(projects.key, DEMO_PROJECT),
        eq(changeSets.command, 'project.create'),
        eq(changeSets.actorKind, DEMO_ACTOR.kind),
        eq(changeSets.actor, DEMO_ACTOR.name),
      ),
    );
  return rows.length > 0;
}

async function areKeysAlive(tx: Tx, { serverKey, clientKey }: DemoKeys): Promise<boolean> {
  const alive = await tx
    .select({ kind: sdkKeys.kind })
    .from(sdkKeys)
    .innerJoin(environments, eq(environments.id, sdkKeys.environmentId))
    .innerJoin(projects, eq(projects.id, environments.projectId))
    .where(
      and(
        eq(projects.key, DEMO_PROJECT),
        eq(environments.key, DEMO_ENVIRONMENT),
        inArray(sdkKeys.keyHash, [hashSecret(serverKey), hashSecret(clientKey)]),
        isNull(sdkKeys.revokedAt),
        isNull(sdkKeys.expiresAt),
      ),
    );
  return alive.length === 2;
}

async function makeKey(dependencies: DemoDependencies, kind: 'server' | 'client'): Promise<string> {
  const target = { project: DEMO_PROJECT, environment: DEMO_ENVIRONMENT };
  const input = createKeyInput.parse({ kind, name: `Demo shop, ${kind}` });
  const answer = await run(dependencies, { type: 'key.create', target, input });
  return z.object({ secret: z.string() }).parse(answer).secret;
}

async function run({ tx, now, mintSecret }: DemoDependencies, command: ReturnType<typeof demoCommands>[number]) {
  const { grant } = passGate({ actor: DEMO_ACTOR, grants: [], command, requestId: 'demo', idempotencyKey: null });
  return runCommand({ db: tx, now, mintSecret }, grant);
}
