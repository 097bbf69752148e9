/** What every release left in its database, upgraded straight to this build; `npm run db:fixture` adds a release. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditProof } from '@yardarm/contract';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../config.ts';
import { canonicalJson } from '../ruleset/canonical-json.ts';
import { type RunningServer, startServer } from '../server.ts';
import { type TestDatabase, testDatabase } from '../testing/database.ts';
import { migrateDatabase } from './migrate.ts';
import { readMigrations } from './migration-files.ts';

interface Kept {
  readonly release: string;
  /** Tag of the newest migration that the release brought. */
  readonly lastMigration: string;
  readonly changeSets: number;
  readonly changes: number;
  /** An API token of full rights. */
  readonly token: string;
  /** As an SDK with `key` got them; `sha256` of flags and segments. */
  readonly ruleSets: readonly {
    readonly environment: string;
    readonly key: string;
    readonly epoch: string;
    readonly revision: number;
    readonly sha256: string;
  }[];
}

const FIXTURES = new URL('../../../../migrations/fixtures/', import.meta.url);
const log = pino({ level: 'silent' });
const kept: readonly Kept[] = readdirSync(FIXTURES)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(new URL(name, FIXTURES), 'utf8')));

it('there is a fixture of the first release', () => {
  expect(kept.map(({ release }) => release)).toContain('0.1.0');
});

describe.each(kept)('a database of $release', ({ release, lastMigration, changeSets, changes, token, ruleSets }) => {
  let database: TestDatabase;
  let folder: string;
  let server: RunningServer;
  beforeAll(async () => {
    database = await testDatabase({ migrated: false });
    folder = await mkdtemp(join(tmpdir(), 'yardarm-release-'));
    await load(database, release, lastMigration);
    server = await startServer({
      config: loadConfig({ PORT: '0', DATABASE_URL: database.url, YARDARM_DATA_DIR: folder, YARDARM_NIGHTLY_EXPORT: '0' }),
      log,
      now: Date.now,
      searchPath: '',
      signal: new AbortController().signal,
      onLost: () => undefined,
    });
  });
  afterAll(async () => {
    await server?.close();
    await database?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const ask = (path: string, credential: string, body?: object) =>
    fetch(`${server.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${credential}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });

  it('keeps every change of its history', async () => {
    const [row] = await database.sql`select count(*)::int as changes from changes`;
    expect(row?.changes).toBe(changes);
  });

  it.each(ruleSets)('serves SDKs of $environment the rule set that they have', async ({ key, epoch, revision, sha256 }) => {
    const answer = await ask('/sync/v1/ruleset', key);
    const { flags, segments, ...head } = (await answer.json()) as Record<string, unknown>;
    const hash = createHash('sha256').update(canonicalJson({ flags, segments })).digest('hex');
    expect({ ...head, hash }).toMatchObject({ epoch, revision, hash: sha256 });
  });

  it('has audit chains that took in its history and verify', async () => {
    const lines = (await (await ask('/api/v1/audit/verify', token)).text()).trimEnd().split('\n');
    const proofs = lines.map((line): AuditProof => JSON.parse(line));
    expect(proofs.at(-1)).toMatchObject({ type: 'end', ok: true, findings: 0 });
    const adopted = proofs.map((proof) => (proof.type === 'chain' ? proof.adopted : 0));
    expect(adopted.reduce((sum, one) => sum + one, 0)).toBe(changeSets);
  });

  it('takes its API token with full rights, over the instance as over its projects', async () => {
    const kill = await ask('/api/v1/projects/shop/flags/recommendations/environments/production/kill', token, {});
    expect(kill.status).toBe(200);
    const invite = await ask('/api/v1/users', token, { name: 'newcomer' });
    expect(invite.status).toBe(201);
  });
});

/** The tables of the release, and in them its rows. As superuser: the rows come in any order, and past the triggers. */
async function load({ url, sql }: TestDatabase, release: string, lastMigration: string): Promise<void> {
  const migrations = readMigrations();
  const last = migrations.findIndex(({ tag }) => tag === lastMigration);
  await migrateDatabase(url, log, { migrations: migrations.slice(0, last + 1) });
  const rows = readFileSync(new URL(`${release}.sql`, FIXTURES), 'utf8');
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    // The release's own notes of its migrations are among the rows.
    await tx`truncate drizzle.__drizzle_migrations, drizzle.schema_meta`;
    await tx.unsafe(rows);
  });
}
