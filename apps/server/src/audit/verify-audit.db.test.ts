/** The records of a small history, every field of every row tampered with by somebody who may switch the triggers off. */
import type { AuditFinding, Checkpoint } from '@yardarm/contract';
import { type SQL, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BOOTSTRAP_ACTOR } from '../auth/actor.ts';
import { lockHeads } from '../changes/lock-heads.ts';
import { recordChange } from '../changes/record-change.ts';
import type { Tx } from '../db/client.ts';
import { makeFlag, makeProject, makeSegment } from '../testing/fixtures.ts';
import { TEST_SECRET, type TestApp, testApp } from '../testing/test-app.ts';
import { checkpointKey } from './checkpoint.ts';
import { readCheckpoints, writeCheckpoints } from './checkpoint-store.ts';
import { NO_LAG } from './start-checkpoints.ts';
import { verifySnapshot } from './verify-audit.ts';

const KEY = checkpointKey(TEST_SECRET);

let server: TestApp;
let webChain: string;
beforeAll(async () => {
  server = await testApp();
  await makeProject(server, 'web', ['staging', 'production']);
  await makeProject(server, 'other');
  await makeFlag(server, 'web', 'checkout');
  await makeSegment(server, 'web', 'beta');
  await makeFlag(server, 'web', 'banner', { variants: { on: true, off: false }, description: 'ünïcödé "quoted" \\ \u2028 😀' });
  const path = '/projects/web/flags/checkout/environments/production';
  await server.must('POST', `${path}/unkill`, { body: { reason: 'Launch' } });
  await server.must('POST', `${path}/kill`);
  await server.must('PATCH', '/projects/web/flags/checkout', { body: { owner: 'payments' }, headers: { 'if-match': '"v1"' } });
  await server.must('POST', '/projects/web/environments/production/keys', { body: { kind: 'server', name: 'Shop' } });
  const [row] = await server.sql<{ id: string }[]>`select id from projects where key = 'web'`;
  webChain = row?.id ?? '';
  await recordOddValues();
});
afterAll(() => server.close());

/** What JSON, jsonb and JavaScript do not agree on. */
const ODD_VALUES = [
  '1e400',
  '-1e-400',
  '1.0',
  '1.10',
  '-0',
  '-0.0',
  '0.1e1',
  '123456789012345678901234567890.123456789',
  '{"b":1,"a":2,"aa":3}',
  '{"a":1,"a":2}',
  '{"a":1,"A":2,"ä":3,"a\\u0308":4}',
  '"\\ud83d\\ude00 \\u2028 \\\\ \\" /"',
  'null',
  '[]',
  '[null,{},""]',
];

async function recordOddValues(): Promise<void> {
  for (const text of ODD_VALUES)
    await server.db.transaction(async (tx) => {
      const change = {
        kind: 'project',
        key: 'web',
        environmentId: null,
        before: sql`${text}::jsonb`,
        after: sql`${text}::jsonb`,
      };
      const record = { projectId: webChain, command: 'test', actor: BOOTSTRAP_ACTOR, reason: text, requestId: 'odd', bodies: [] };
      await recordChange(tx, await lockHeads(tx, []), { ...record, changes: [{ ...change, kind: 'project' }] });
    });
}

async function findings(tx: Tx, shipped: readonly Checkpoint[] = []): Promise<AuditFinding[]> {
  const found: AuditFinding[] = [];
  await verifySnapshot(tx, { key: KEY, shipped }, (proof) => {
    if (proof.type === 'strays') found.push(...proof.findings);
    if (proof.type === 'chain' && proof.finding !== null) found.push(proof.finding);
  });
  return found;
}

class RolledBack extends Error {}

/** What a verification finds after `statements` of a superuser, which are undone afterwards. */
async function findAfter(...statements: SQL[]): Promise<AuditFinding[]> {
  return findWith([], ...statements);
}

/** The same, and the verification is given checkpoints that were kept elsewhere. */
async function findWith(shipped: readonly Checkpoint[], ...statements: SQL[]): Promise<AuditFinding[]> {
  let found: AuditFinding[] = [];
  const attempt = server.db.transaction(async (tx) => {
    await tx.execute(sql`set local session_replication_role = replica`);
    for (const statement of statements) await tx.execute(statement);
    found = await findings(tx, shipped);
    throw new RolledBack();
  });
  await attempt.catch((error: unknown) => {
    if (!(error instanceof RolledBack)) throw error;
  });
  return found;
}

describe('an untouched history', () => {
  it('verifies, with values that JSON, the database and JavaScript write differently', async () => {
    expect(await server.db.transaction((tx) => findings(tx))).toEqual([]);
  });

  it('has one gapless chain per project, in the order of its change sets', async () => {
    const rows = await server.sql<{ chain: string; seqs: number[]; sorted: boolean }[]>`
      select chain, array_agg(seq::int order by seq) as seqs, array_agg(change_set_id order by seq) = array_agg(change_set_id order by change_set_id) as sorted
      from audit_links group by chain`;
    expect(rows).toHaveLength(2);
    for (const { seqs, sorted } of rows) {
      expect(seqs).toEqual(seqs.map((_, index) => index + 1));
      expect(sorted).toBe(true);
    }
  });

  it('verifies after eight writers at once', async () => {
    const writers = Array.from({ length: 8 }, (_, index) => `flag-${index}`);
    await Promise.all(writers.map((key) => makeFlag(server, 'other', key)));
    const flip = (key: string, verb: string) =>
      server.must('POST', `/projects/other/flags/${key}/environments/production/${verb}`);
    await Promise.all(writers.map(async (key) => [await flip(key, 'unkill'), await flip(key, 'kill')]));
    expect(await server.db.transaction((tx) => findings(tx))).toEqual([]);
  });
});

/** Another value of the column's type, as near to the stored one as may be: one byte of a text, a microsecond. */
function altered(column: string, type: string): SQL {
  const name = sql.identifier(column);
  switch (type) {
    case 'bigint':
    case 'integer':
      return sql`coalesce(${name}, 0) + 1000000`;
    case 'uuid':
      return sql`overlay(coalesce(${name}, gen_random_uuid())::text placing (case left(${name}::text, 1) when 'a' then 'b' else 'a' end) from 1 for 1)::uuid`;
    case 'timestamp with time zone':
      return sql`${name} + interval '1 microsecond'`;
    case 'jsonb':
      return sql`case when ${name} is null then 'null'::jsonb else jsonb_build_array(${name}) end`;
    case 'text':
      return sql`case when ${name} is null then '' when ${name} = '' then 'x' else overlay(${name} placing (case left(${name}, 1) when 'a' then 'b' else 'a' end) from 1 for 1) end`;
    default:
      throw new Error(`No alteration of ${type}.`);
  }
}

/** Rows tried per column, spread over the table; AUDIT_TAMPER=all tries every one. */
const ROWS_PER_COLUMN = process.env.AUDIT_TAMPER === 'all' ? 1_000_000 : 4;

/** The change set that a finding has to name, where the altered column leaves no doubt about it. */
const OWNER: { readonly [table: string]: { readonly changeSet: SQL; readonly keys: readonly string[] } } = {
  change_sets: { changeSet: sql`id`, keys: ['id'] },
  changes: { changeSet: sql`change_set_id`, keys: ['change_set_id'] },
  audit_links: { changeSet: sql`change_set_id`, keys: ['change_set_id', 'chain', 'seq'] },
  environment_revisions: { changeSet: sql`change_set_id`, keys: ['change_set_id'] },
  rule_objects: {
    changeSet: sql`(select r.change_set_id from environment_revisions r
      where r.environment_id = rule_objects.environment_id and r.revision = rule_objects.revision)`,
    keys: ['environment_id', 'revision'],
  },
};

describe('audit tampering: a superuser who switches the triggers off', () => {
  it('cannot alter any field of any row unnoticed', async () => {
    const columns = await server.sql<{ table: string; column: string; type: string }[]>`
      select table_name as table, column_name as column, data_type as type from information_schema.columns
      where table_schema = 'public' and table_name in ${server.sql(Object.keys(OWNER))} order by table_name, ordinal_position`;
    const unnoticed: string[] = [];
    let cases = 0;
    for (const { table, column, type } of columns) {
      const { changeSet, keys } = OWNER[table]!;
      const rows = await server.db.execute<{ ctid: string; change_set: string }>(
        sql`select ctid::text, ${changeSet}::text as change_set from ${sql.identifier(table)} order by md5(ctid::text) limit ${ROWS_PER_COLUMN}`,
      );
      for (const row of rows) {
        cases += 1;
        const set = sql`${sql.identifier(column)} = ${altered(column, type)}`;
        const prepare = column === 'id' ? [sql`alter table change_sets alter column id set generated by default`] : [];
        const found = await findAfter(...prepare, sql`update ${sql.identifier(table)} set ${set} where ctid = ${row.ctid}::tid`);
        const isNamed = keys.includes(column) ? found.length > 0 : found.some((one) => one.changeSet === row.change_set);
        if (!isNamed) unnoticed.push(`${table}.${column} ${JSON.stringify(row)}: ${JSON.stringify(found)}`);
      }
    }
    expect(unnoticed).toEqual([]);
    expect(cases).toBeGreaterThan(100);
    if (process.env.AUDIT_TAMPER === 'all') process.stdout.write(`fields altered, found and named: ${cases}\n`);
  }, 300_000);

  it.each(Object.keys(OWNER))('cannot remove a row of %s unnoticed', async (table) => {
    const rows = await server.db.execute<{ ctid: string; change_set: string }>(
      sql`select ctid::text, ${OWNER[table]!.changeSet}::text as change_set from ${sql.identifier(table)} order by md5(ctid::text) limit ${ROWS_PER_COLUMN}`,
    );
    for (const { ctid, change_set } of rows) {
      const found = await findAfter(sql`delete from ${sql.identifier(table)} where ctid = ${ctid}::tid`);
      expect(found.map(({ changeSet }) => changeSet)).toContain(change_set);
    }
  });

  it('cannot take a whole change set out of the middle', async () => {
    const id = sql`(select change_set_id from audit_links where chain = ${webChain} and seq = 4)`;
    const found = await findAfter(
      sql`delete from changes where change_set_id = ${id}`,
      sql`delete from change_sets where id = ${id}`,
      sql`delete from audit_links where chain = ${webChain} and seq = 4`,
    );
    expect(found[0]).toMatchObject({ chain: webChain, seq: 4, cause: 'missing' });
  });

  it('cannot swap two links', async () => {
    const found = await findAfter(
      sql`update audit_links set seq = -seq where chain = ${webChain} and seq in (4, 5)`,
      sql`update audit_links set seq = 9 + seq where chain = ${webChain} and seq in (-4, -5)`,
    );
    expect(found).toMatchObject([{ chain: webChain, seq: 4, cause: 'reordered' }]);
  });

  it('cannot swap what two change sets say', async () => {
    const ids = await server.sql<{ id: string }[]>`
      select change_set_id as id from audit_links where chain = ${webChain} and seq in (7, 8) order by seq`;
    const [a, b] = ids.map(({ id }) => id);
    const found = await findAfter(
      sql`update changes set change_set_id = -${a}::bigint where change_set_id = ${a}`,
      sql`update changes set change_set_id = ${a} where change_set_id = ${b}`,
      sql`update changes set change_set_id = ${b} where change_set_id = -${a}::bigint`,
    );
    expect(found).toMatchObject([{ chain: webChain, seq: 7, changeSet: a, cause: 'changed' }]);
    expect(found[0]?.message).toContain('its changes differ');
  });

  it('cannot add a change set, with a link that only looks like one or without', async () => {
    const forged = sql`insert into change_sets (project_id, command, actor_kind, actor, request_id) values (${webChain}, 'flag.kill', 'person', 'nobody', 'r')`;
    expect(await findAfter(forged)).toMatchObject([{ chain: webChain, cause: 'unlinked' }]);
    const link = sql`insert into audit_links select (select max(id) from change_sets), chain, seq + 1, origin, set_hash, changes_hash, bodies_hash, hash
      from audit_links where chain = ${webChain} order by seq desc limit 1`;
    const found = await findAfter(forged, link);
    expect(found).toMatchObject([{ chain: webChain, cause: 'relinked' }]);
  });

  it('cannot add a body, to a revision or beyond the last', async () => {
    for (const [revision, cause] of [
      [1, 'changed'],
      [99, 'unlinked'],
    ] as const) {
      const insert = sql`insert into rule_objects select id, ${revision}, 'flag', 'forged', '{}', 'x' from environments where key = 'staging'`;
      expect(await findAfter(insert)).toMatchObject([{ chain: webChain, cause }]);
    }
  });

  it('cannot rewrite a record together with its link: the next link does not fit any more', async () => {
    const id = sql`(select change_set_id from audit_links where chain = ${webChain} and seq = 5)`;
    const found = await findAfter(
      sql`update change_sets set actor = 'somebody else' where id = ${id}`,
      sql`create temp table rewritten on commit drop as select * from audit_links where chain = ${webChain} and seq >= 5`,
      sql`delete from audit_links where chain = ${webChain} and seq >= 5`,
      sql`select link_change_set(${webChain}, (select change_set_id from rewritten where seq = 5), 'recorded')`,
      sql`insert into audit_links select * from rewritten where seq > 5`,
    );
    expect(found).toMatchObject([{ chain: webChain, seq: 6, cause: 'relinked' }]);
  });
});

describe('checkpoints', () => {
  const dependencies = () => ({ db: server.db, key: KEY, now: () => Date.UTC(2030, 0, 15) });
  let shipped: Checkpoint[];
  let cutOff: SQL[];
  let rewriteAll: SQL[];
  beforeAll(async () => {
    expect(await writeCheckpoints(dependencies(), NO_LAG)).toBe(2);
    expect(await writeCheckpoints(dependencies(), NO_LAG)).toBe(0);
    shipped = await readCheckpoints(server.db, { limit: 10, after: { chain: '', seq: 0 } });
    const last = sql`(select change_set_id from audit_links where chain = ${webChain} order by seq desc limit 1)`;
    cutOff = [
      sql`delete from changes where change_set_id = ${last}`,
      sql`delete from change_sets where id = ${last}`,
      sql`delete from audit_links where change_set_id = ${last}`,
    ];
    rewriteAll = [
      sql`update change_sets set reason = 'Not me' where id = (select change_set_id from audit_links where chain = ${webChain} and seq = 2)`,
      sql`create temp table rewritten on commit drop as select * from audit_links where chain = ${webChain}`,
      sql`delete from audit_links where chain = ${webChain}`,
      sql`select link_change_set(${webChain}, change_set_id, 'recorded') from (select * from rewritten order by seq) ordered`,
    ];
  });

  it('are of the last link of each chain, and genuine', async () => {
    expect(shipped).toMatchObject([{ at: '2030-01-15T00:00:00.000000Z' }, { chain: expect.any(String) }]);
    expect(await findWith(shipped)).toEqual([]);
  });

  it('find an end that was cut off', async () => {
    expect(await findAfter(...cutOff)).toMatchObject([{ chain: webChain, cause: 'truncated' }]);
  });

  it('that were taken away find it also where those in the database are gone', async () => {
    const statements = [...cutOff, sql`delete from audit_checkpoints`];
    expect(await findAfter(...statements)).toEqual([]);
    expect(await findWith(shipped, ...statements)).toMatchObject([{ chain: webChain, cause: 'truncated' }]);
  });

  it('find a chain that was made anew, every link of it fitting', async () => {
    expect(await findAfter(...rewriteAll)).toMatchObject([{ chain: webChain, cause: 'rewritten' }]);
    const statements = [...rewriteAll, sql`delete from audit_checkpoints`];
    expect(await findAfter(...statements)).toEqual([]);
    expect(await findWith(shipped, ...statements)).toMatchObject([{ chain: webChain, cause: 'rewritten' }]);
  });

  it('cannot be made to fit by whoever has not the secret', async () => {
    const fit = sql`update audit_checkpoints c set hash = l.hash from audit_links l where l.chain = c.chain and l.seq = c.seq`;
    expect(await findAfter(...rewriteAll, fit)).toMatchObject([{ chain: webChain, cause: 'forged' }]);
  });

  it.each(['chain', 'seq', 'hash', 'mac', 'created_at'])('whose %s was altered are named', async (column) => {
    const [type] = await server.sql<{ type: string }[]>`select data_type as type from information_schema.columns
      where table_name = 'audit_checkpoints' and column_name = ${column}`;
    const set = sql`${sql.identifier(column)} = ${altered(column, type?.type ?? '')}`;
    const found = await findAfter(sql`update audit_checkpoints set ${set} where chain = ${webChain}`);
    expect(found).toMatchObject([{ cause: 'forged' }]);
  });

  it('of a chain that is gone with its project are named', async () => {
    const found = await findWith([{ ...(shipped[0] as Checkpoint), chain: 'gone' }]);
    expect(found).toMatchObject([{ chain: 'gone', cause: 'forged' }]);
    const all = [
      'audit_links',
      'audit_checkpoints',
      'changes',
      'environment_revisions',
      'rule_objects',
      'change_sets',
      'projects',
    ];
    const emptied = await findWith(shipped, ...all.map((table) => sql`delete from ${sql.identifier(table)}`));
    expect(emptied.map(({ cause }) => cause)).toEqual(['truncated', 'truncated']);
  });
});
