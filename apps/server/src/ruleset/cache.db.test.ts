import { eq, sql } from 'drizzle-orm';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Head } from '../changes/change-feed.ts';
import { environmentHeads, environments, projects, ruleObjects } from '../db/schema.ts';
import { type TestDatabase, testDatabase } from '../testing/database.ts';
import { tagOf } from './build.ts';
import { createRuleSetCache, type RuleSetCache } from './cache.ts';
import { canonicalJson } from './canonical-json.ts';
import { databaseReader } from './load.ts';

let database: TestDatabase;
let projectId: string;
let environmentId: string;
/** Environments of the running test. */
let own: Set<string>;
let lines: { msg: string }[];
beforeAll(async () => {
  database = await testDatabase();
  const [project] = await database.db.insert(projects).values({ key: 'shop', name: 'Shop' }).returning();
  projectId = project!.id;
});
afterAll(() => database.close());
beforeEach(async () => {
  lines = [];
  own = new Set();
  environmentId = await makeEnvironment();
});

async function makeEnvironment(): Promise<string> {
  const key = `environment-${Math.random()}`;
  const [row] = await database.db.insert(environments).values({ projectId, key, name: key, position: 0 }).returning();
  await database.db.insert(environmentHeads).values({ environmentId: row!.id, epoch: '1-a', revision: 0 });
  own.add(row!.id);
  return row!.id;
}

/** Commits one revision that writes one flag; `body` is what is stored, readable or not. */
async function commit(environment: string, flag: string, body: string | null = flagText()): Promise<void> {
  await database.db.transaction(async (tx) => {
    const where = eq(environmentHeads.environmentId, environment);
    const [head] = await tx.select().from(environmentHeads).where(where).for('update');
    const revision = head!.revision + 1;
    await tx.update(environmentHeads).set({ revision }).where(where);
    await tx
      .insert(ruleObjects)
      .values({ environmentId: environment, revision, kind: 'flag', key: flag, body, tag: tagOf(body) });
  });
}

function flagText(on = true): string {
  return canonicalJson({
    type: 'boolean',
    variants: { on: true, off: false },
    on,
    offVariant: 'off',
    fallthrough: { variant: 'on' },
  });
}

async function heads(): Promise<readonly Head[]> {
  const all = await database.db.select().from(environmentHeads);
  const looked = all.map(({ committedAt, ...head }) => ({ ...head, committedAtMs: committedAt.getTime() }));
  return looked.filter((head) => own.has(head.environmentId));
}

const headAt = (epoch: string, revision: number, id = environmentId): Head => ({
  ...{ environmentId: id, epoch, revision, committedAtMs: 0 },
});

const refreshOne = async (cache: RuleSetCache, id: string) =>
  cache.refresh((await heads()).find(({ environmentId }) => environmentId === id)!);
const update = (cache: RuleSetCache, found: readonly Head[]) => Promise.all(found.map(cache.refresh));

function makeCache() {
  const changed: string[] = [];
  const log = pino({ base: null }, { write: (line) => lines.push(JSON.parse(line) as { msg: string }) });
  const cache = createRuleSetCache({
    reader: databaseReader(database.db),
    log,
    onChange: ({ rules }) => changed.push(rules.environmentId),
  });
  const flags = (environment = environmentId) => [...(cache.get(environment)?.rules.views.server.bodies.keys() ?? [])].toSorted();
  return { cache, changed, flags };
}

describe('createRuleSetCache', () => {
  test('reads an environment whole, then only what came after, and tells of each change once', async () => {
    const { cache, changed, flags } = makeCache();
    await commit(environmentId, 'a');
    await update(cache, await heads());
    expect(flags()).toEqual(['flag:a']);
    await commit(environmentId, 'b');
    await commit(environmentId, 'a', null);
    await update(cache, await heads());
    await update(cache, await heads());
    expect(flags()).toEqual(['flag:b']);
    expect(cache.get(environmentId)?.rules.revision).toBe(3);
    expect(changed.filter((id) => id === environmentId)).toHaveLength(2);
  });

  test('leads a reader of before a restart to the present by a delta', async () => {
    const before = makeCache();
    await commit(environmentId, 'a');
    await update(before.cache, await heads());
    const have = before.cache.get(environmentId)!.views.server.state;
    for (let index = 0; index < 100; index++) await commit(environmentId, 'b', flagText(index % 2 === 0));
    const after = makeCache();
    await update(after.cache, await heads());
    const delta = after.cache.get(environmentId)!.views.server.delta(have);
    const frame = delta !== null && 'frame' in delta ? delta.frame.payload : 'null';
    expect(JSON.parse(String(frame))).toMatchObject({ from: 1, to: 101, put: [{ key: 'b' }], remove: [] });
  });

  test('keeps the last good state of an environment that cannot be read, rejects, and goes on with its correction', async () => {
    const { cache, flags } = makeCache();
    const other = await makeEnvironment();
    await commit(environmentId, 'a');
    await update(cache, await heads());
    await commit(environmentId, 'broken', 'no JSON');
    await commit(other, 'sound');
    const [broken, sound] = await Promise.allSettled([environmentId, other].map((id) => refreshOne(cache, id)));
    expect([broken, sound]).toMatchObject([
      { status: 'rejected', reason: { message: 'This server cannot read revision 2.' } },
      { status: 'fulfilled' },
    ]);
    expect(flags()).toEqual(['flag:a']);
    expect(cache.get(environmentId)?.rules.revision).toBe(1);
    expect(flags(other)).toEqual(['flag:sound']);
    await commit(environmentId, 'broken');
    await update(cache, await heads());
    expect(flags()).toEqual(['flag:a', 'flag:broken']);
  });

  test('never goes back when the database is behind what it serves', async () => {
    const { cache, changed } = makeCache();
    await commit(environmentId, 'a');
    await commit(environmentId, 'b');
    await update(cache, await heads());
    await database.db.update(environmentHeads).set({ revision: 1 }).where(eq(environmentHeads.environmentId, environmentId));
    await update(cache, await heads());
    expect(cache.get(environmentId)?.rules.revision).toBe(2);
    expect(changed).toHaveLength(1);
  });

  test('does not go back either when the database was restored between the poll and the read', async () => {
    const { cache } = makeCache();
    await commit(environmentId, 'a');
    await commit(environmentId, 'b');
    await update(cache, await heads());
    await database.db.update(environmentHeads).set({ revision: 1 }).where(eq(environmentHeads.environmentId, environmentId));
    await update(cache, [headAt('1-a', 3)]);
    expect(cache.get(environmentId)?.rules.revision).toBe(2);
    await database.db.update(environmentHeads).set({ epoch: '0-a' }).where(eq(environmentHeads.environmentId, environmentId));
    await update(cache, [headAt('1-a', 3)]);
    expect(cache.get(environmentId)?.rules).toMatchObject({ epoch: '1-a', revision: 2 });
  });

  test('serves nothing newer than the look found: a key may have been revoked between the two', async () => {
    const { cache, flags } = makeCache();
    await commit(environmentId, 'a');
    const looked = await heads();
    await commit(environmentId, 'b');
    await update(cache, looked);
    expect(cache.get(environmentId)?.rules.revision).toBe(1);
    await commit(environmentId, 'c');
    await update(cache, [headAt('1-a', 2)]);
    expect(flags()).toEqual(['flag:a', 'flag:b']);
    await update(cache, await heads());
    expect(flags()).toEqual(['flag:a', 'flag:b', 'flag:c']);
  });

  test('knows when what it serves was committed, also where something newer was there by then', async () => {
    const { cache } = makeCache();
    await commit(environmentId, 'a');
    const looked = [{ ...headAt('1-a', 1), committedAtMs: 1_000 }];
    await commit(environmentId, 'b');
    await update(cache, looked);
    expect(cache.get(environmentId)).toMatchObject({ rules: { revision: 1 }, committedAtMs: 1_000 });
    await commit(environmentId, 'c');
    await update(cache, [{ ...headAt('1-a', 2), committedAtMs: 2_000 }]);
    expect(cache.get(environmentId)).toMatchObject({ rules: { revision: 2 }, committedAtMs: 2_000 });
    const [newest] = await heads();
    await update(cache, await heads());
    expect(cache.get(environmentId)).toMatchObject({ rules: { revision: 3 }, committedAtMs: newest?.committedAtMs });
  });

  test('leaves to the next look what has another epoch, or no longer has what the look found within reach', async () => {
    const { cache } = makeCache();
    await commit(environmentId, 'a');
    await update(cache, [headAt('0-a', 1)]);
    expect(cache.get(environmentId)).toBeUndefined();
    for (let index = 0; index < 101; index++) await commit(environmentId, 'b', flagText(index % 2 === 0));
    await update(cache, [headAt('1-a', 1)]);
    expect(cache.get(environmentId)).toBeUndefined();
    await update(cache, await heads());
    expect(cache.get(environmentId)?.rules.revision).toBe(102);
  });

  test('takes over nothing that was read for an instance which it forgot meanwhile', async () => {
    const { cache } = makeCache();
    await commit(environmentId, 'a');
    const reading = update(cache, await heads());
    cache.forget();
    await reading;
    expect([cache.get(environmentId), cache.isEmpty()]).toEqual([undefined, true]);
  });

  test('serves a revision of which somebody could not be told, and says so', async () => {
    const tell = () => {
      throw new Error('of the test');
    };
    const log = pino({ base: null }, { write: (line) => lines.push(JSON.parse(line) as { msg: string }) });
    const cache = createRuleSetCache({ reader: databaseReader(database.db), log, onChange: tell });
    await commit(environmentId, 'checkout');
    await update(cache, await heads());
    const object = { revision: 2, kind: 'flag', key: 'cart', body: flagText(), tag: tagOf(flagText()) } as const;
    const followed = cache.follow(environmentId, { head: { epoch: '1-a', revision: 2, committedAtMs: 2 }, objects: [object] });
    expect([followed, cache.get(environmentId)?.rules.revision]).toEqual([true, 2]);
    expect(lines.map(({ msg }) => msg)).toEqual(Array(2).fill('a revision is served, and not everything was told of it'));
  });

  describe('follows a commit', () => {
    /** What follows what is served, as the transaction that made it has it. */
    const next = (revision: number, body = flagText(), epoch = '1-a') => ({
      head: { epoch, revision, committedAtMs: 7 },
      objects: [{ revision, kind: 'flag', key: 'next', body, tag: tagOf(body) }] as const,
    });

    test('as if it had read it, and has nothing left to read', async () => {
      const { cache, changed } = makeCache();
      await commit(environmentId, 'a');
      await update(cache, await heads());
      expect(cache.follow(environmentId, next(2))).toBe(true);
      await commit(environmentId, 'next');
      const read = makeCache();
      await update(read.cache, await heads());
      expect(cache.get(environmentId)).toMatchObject({ committedAtMs: 7, rules: { revision: 2 } });
      for (const view of ['server', 'client'] as const)
        expect(cache.get(environmentId)?.views[view].state).toEqual(read.cache.get(environmentId)?.views[view].state);
      await update(cache, await heads());
      expect(changed).toEqual([environmentId, environmentId]);
    });

    test('only where it is the next one, in the epoch that is served, and can be read', async () => {
      const { cache, flags } = makeCache();
      expect(cache.follow(environmentId, next(1))).toBe(false);
      await update(cache, await heads());
      for (const other of [next(0), next(2), next(1, flagText(), '2-b'), next(1, 'no JSON')])
        expect(cache.follow(environmentId, other)).toBe(false);
      expect(flags()).toEqual([]);
    });

    test('and not a second time when an update that began before reads it too, nor goes back to what that read', async () => {
      const { cache, changed } = makeCache();
      await update(cache, await heads());
      await commit(environmentId, 'next');
      const updating = update(cache, await heads());
      expect(cache.follow(environmentId, next(1))).toBe(true);
      expect(cache.follow(environmentId, next(2))).toBe(true);
      await updating;
      expect(cache.get(environmentId)?.rules.revision).toBe(2);
      expect(changed).toHaveLength(3);
    });

    test('but not what it serves as it was kept, which has no past', async () => {
      const { cache } = makeCache();
      const identity = { environmentId, project: 'shop', environment: 'kept' };
      cache.seed([{ ...identity, epoch: '1-a', revision: 0, committedAtMs: 0, objects: [] }]);
      expect(cache.follow(environmentId, next(1))).toBe(false);
    });
  });

  test('reads everything anew under a newer epoch, whatever its revision', async () => {
    const { cache, flags } = makeCache();
    await commit(environmentId, 'a');
    await commit(environmentId, 'b');
    await update(cache, await heads());
    // What a restored backup looks like: a server never deletes a body, and a trigger refuses it.
    await database.db.transaction(async (tx) => {
      await tx.execute(sql`set local session_replication_role = replica`);
      await tx.delete(ruleObjects).where(eq(ruleObjects.key, 'b'));
    });
    await database.db
      .update(environmentHeads)
      .set({ epoch: '2-b', revision: 1 })
      .where(eq(environmentHeads.environmentId, environmentId));
    await update(cache, await heads());
    expect(flags()).toEqual(['flag:a']);
    expect(cache.get(environmentId)?.views.server.state).toMatchObject({ epoch: '2-b', revision: 1 });
  });

  test('rejects when the database does not answer, and keeps what it has', async () => {
    const { cache, flags } = makeCache();
    await commit(environmentId, 'a');
    await update(cache, await heads());
    await expect(update(cache, [headAt('1-a', 1, 'no uuid')])).rejects.toThrow();
    expect(flags()).toEqual(['flag:a']);
  });
});
