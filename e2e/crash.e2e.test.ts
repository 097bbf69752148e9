/**
 * A short run of `npm run crash`, and proof that its oracle sees what it is there to see: damage that is done on purpose, in a
 * transaction that is taken back.
 */
import type { Sql, TransactionSql } from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyChains } from '../bench/crash/audit.mjs';
import { findDamage } from '../bench/crash/oracle.mjs';
import { runCrashes } from '../bench/crash/run.mjs';
import { temporaryDirectory } from '../scripts/launch.mjs';

const SABOTAGE: readonly [title: string, finding: RegExp, damage: (sql: TransactionSql) => Promise<unknown>][] = [
  ['a body that was lost', /change without its body/, (sql) => sql`delete from rule_objects where revision = 7`],
  ['a body that nobody recorded', /body without its change/, (sql) => sql`update rule_objects set key = 'x' where revision = 7`],
  ['a revision that was left out', /gap of revisions/, (sql) => sql`update environment_heads set revision = revision + 1`],
  [
    'a revision out of order',
    /revision out of order/,
    (sql) => sql`update changes set revision = 15 - revision where revision in (7, 8)`,
  ],
  [
    'a row that was written without its body',
    /row apart from its newest body/,
    (sql) => sql`update flag_environments set "on" = not "on"`,
  ],
  ['half of a change set', /change set without all of its changes/, (sql) => sql`delete from changes where seq = 1`],
  ['a write that was acknowledged and is gone', /acknowledged write lost/, (sql) => sql`update change_sets set reason = null`],
  [
    'a write that was done twice',
    /acknowledged write lost or doubled/,
    (sql) => sql`update change_sets set reason = 'w2' where reason = 'w1'`,
  ],
];

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let report: Awaited<ReturnType<typeof runCrashes>>;
const found = new Map<string, string[]>();
let tampered: Awaited<ReturnType<typeof verifyChains>>;

beforeAll(async () => {
  directory = await temporaryDirectory();
  report = await runCrashes({
    ...{ dataDirectory: directory.path, serverKills: 5, postgresKills: 2, seed: 1, writesPerSecond: 50 },
    onProgress: () => undefined,
    atEnd: async (sql, writes, target) => {
      for (const [title, , damage] of SABOTAGE)
        found.set(title, await damageTakenBack(sql, damage, (tx) => findDamage(tx, writes)));
      // The server sees only what is committed; nobody needs this database afterwards.
      await pastTheTriggers(sql, (tx) => tx`update change_sets set reason = 'another' where reason = 'w9'`);
      tampered = await verifyChains(target);
    },
  });
});
afterAll(() => directory?.remove());

describe('kill -9 of the server and of PostgreSQL under load', () => {
  it('leaves no change partial, no acknowledged change lost and no gap between revisions', () => {
    expect(report.findings).toEqual([]);
    expect(report.acknowledged).toBeGreaterThan(50);
    expect(report.repeated).toBeGreaterThan(5);
  });

  it('leaves audit chains that the server proves, one link for each change at least', () => {
    expect(report.links).toBeGreaterThanOrEqual(report.acknowledged);
  });

  it('refuses no SDK while the database is away, and takes none back', () => {
    expect(report.sdk).toMatchObject({ failures: 0, backward: 0 });
    expect(report.sdk.reads).toBeGreaterThan(5);
  });
});

describe('the oracle of the crash runs', () => {
  it.each(SABOTAGE)('finds %s', (title, finding) => {
    expect(found.get(title)).toContainEqual(expect.stringMatching(finding));
  });

  it('finds a record that was rewritten, and names its link', () => {
    expect(tampered.findings).toEqual([expect.stringMatching(/^audit chain: Change set \d+, link \d+: its row differ from/)]);
  });
});

async function damageTakenBack<T>(
  sql: Sql,
  damage: (tx: TransactionSql) => Promise<unknown>,
  look: (tx: TransactionSql) => Promise<T>,
) {
  const takeBack = new Error('taken back');
  let seen: T | undefined;
  await pastTheTriggers(sql, async (tx) => {
    await damage(tx);
    seen = await look(tx);
    throw takeBack;
  }).catch((error: unknown) => {
    if (error !== takeBack) throw error;
  });
  return seen as T;
}

/** As superuser, past the trigger that keeps the history append-only. */
async function pastTheTriggers(sql: Sql, work: (tx: TransactionSql) => Promise<unknown>): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await work(tx);
  });
}
