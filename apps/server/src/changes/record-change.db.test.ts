import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BOOTSTRAP_ACTOR } from '../auth/actor.ts';
import { makeFlag, makeProject } from '../testing/fixtures.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';
import { lockHeads } from './lock-heads.ts';
import { recordChange } from './record-change.ts';

const POLL = { timeout: 10_000, interval: 20 };
let server: TestApp;
beforeAll(async () => {
  server = await testApp();
});
afterAll(() => server.close());

let sequence = 0;
let project: string;
beforeEach(async () => {
  sequence += 1;
  project = `project-${sequence}`;
  await makeProject(server, project, ['staging', 'production']);
});

const environmentsOf = async (key: string) => {
  const rows = await server.sql<{ id: string; key: string; project: string }[]>`
    select e.id, e.key, e.project_id as project from environments e join projects p on p.id = e.project_id
    where p.key = ${key} order by position`;
  return [...rows];
};

describe('revisions', () => {
  it('have no gaps and follow commit order under 8 concurrent writers', async () => {
    const writers = Array.from({ length: 8 }, (_, index) => `flag-${index}`);
    for (const key of writers) await makeFlag(server, project, key);
    const edits = 6;
    const seen: number[] = [];
    await Promise.all(
      writers.map(async (key) => {
        for (let turn = 0; turn < edits; turn++) {
          const verb = turn % 2 === 0 ? 'unkill' : 'kill';
          const path = `/projects/${project}/flags/${key}/environments/production/${verb}`;
          const answer = await server.must<{ revision: number }>('POST', path);
          seen.push(answer.revision);
        }
      }),
    );
    const first = writers.length + 1;
    const expected = Array.from({ length: writers.length * edits }, (_, index) => first + index);
    expect([...seen].sort((a, b) => a - b)).toEqual(expected);
    // Commit order: the order of change sets is the order of revisions, and each wrote its one body.
    const rows = await server.sql<{ revision: number; bodies: number }[]>`
      select c.revision::int as revision, (select count(*)::int from rule_objects o
        where o.environment_id = c.environment_id and o.revision = c.revision) as bodies
      from changes c join environments e on e.id = c.environment_id join projects p on p.id = e.project_id
      join change_sets s on s.id = c.change_set_id
      where p.key = ${project} and e.key = 'production' and s.command like 'flag.%kill' order by c.change_set_id`;
    expect(rows.map(({ revision }) => revision)).toEqual(expected);
    expect(new Set(rows.map(({ bodies }) => bodies))).toEqual(new Set([1]));
  });

  it('grow by one in every environment of a project-wide change while edits run in each', async () => {
    await makeFlag(server, project, 'busy');
    const flip = async (environment: string) => {
      for (let turn = 0; turn < 5; turn++)
        await server.must(
          'POST',
          `/projects/${project}/flags/busy/environments/${environment}/${turn % 2 === 0 ? 'unkill' : 'kill'}`,
        );
    };
    const create = async (prefix: string) => {
      for (let turn = 0; turn < 5; turn++) await makeFlag(server, project, `${prefix}-${turn}`);
    };
    await Promise.all([flip('staging'), flip('production'), create('a'), create('b')]);
    const { heads, objects } = await readRecord(server);
    const own = heads.filter((head) => head.project === project).map(({ revision }) => revision);
    expect(own).toEqual([16, 16]);
    const ids = await environmentsOf(project);
    const gapless = await server.sql<{ count: number }[]>`
      select count(distinct revision)::int as count from rule_objects where environment_id in ${server.sql(ids.map(({ id }) => id))}
      group by environment_id`;
    expect(gapless.map(({ count }) => count)).toEqual([16, 16]);
    expect(objects.length).toBeGreaterThan(0);
  });

  it('give a flag to an environment that is made at the same moment', async () => {
    await Promise.all([
      ...Array.from({ length: 4 }, (_, index) => makeFlag(server, project, `flag-${index}`)),
      server.must('POST', `/projects/${project}/environments`, { body: { key: 'qa', name: 'QA' } }),
    ]);
    const [row] = await server.sql<{ bodies: number; rows: number }[]>`
      select count(distinct o.key)::int as bodies,
        (select count(*)::int from flag_environments f where f.environment_id = e.id) as rows
      from environments e join projects p on p.id = e.project_id left join rule_objects o on o.environment_id = e.id
      where p.key = ${project} and e.key = 'qa' group by e.id`;
    expect(row).toEqual({ bodies: 4, rows: 4 });
  });
});

describe('recordChange', () => {
  const record = { command: 'flag.kill', actor: BOOTSTRAP_ACTOR, reason: null, requestId: 'r1', changes: [] };

  it('refuses a body of an environment whose head is not locked, and nothing of it remains', async () => {
    const [staging, production] = await environmentsOf(project);
    if (!staging || !production) throw new Error('The fixture has two environments.');
    const before = await readRecord(server);
    const bodies = [{ environmentId: production.id, kind: 'flag', key: 'x', body: '{}' } as const];
    const attempt = server.db.transaction(async (tx) =>
      recordChange(tx, await lockHeads(tx, [staging.id]), { ...record, projectId: staging.project, bodies }),
    );
    await expect(attempt).rejects.toThrow(`The head of environment ${production.id} is not locked.`);
    expect(await readRecord(server)).toEqual(before);
  });

  it('gives the changes of a project ids in commit order, across its environments', async () => {
    await makeFlag(server, project, 'checkout');
    const [staging] = await environmentsOf(project);
    if (!staging) throw new Error('The fixture has two environments.');
    let later: ReturnType<TestApp['must']> | undefined;
    const first = await server.db.transaction(async (tx) => {
      const heads = await lockHeads(tx, [staging.id]);
      const changes = [{ kind: 'flag', key: 'x', environmentId: staging.id, before: null, after: {} } as const];
      const recorded = await recordChange(tx, heads, { ...record, projectId: staging.project, changes, bodies: [] });
      later = server.must('POST', `/projects/${project}/flags/checkout/environments/production/unkill`);
      await expect
        .poll(
          () =>
            server.sql`select 1 from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())`,
        )
        .toHaveLength(1);
      return recorded.changeSetId;
    });
    await later;
    const [last] = await server.sql<{ id: string }[]>`select max(id) as id from change_sets`;
    expect(BigInt(last?.id ?? 0)).toBe(first + 1n);
  });

  it('takes an id only once it holds the chain of the project', async () => {
    await makeFlag(server, project, 'checkout');
    const chain = await server.sql.reserve();
    await chain`begin`;
    await chain`select pg_advisory_xact_lock(hashtextextended((select id::text from projects where key = ${project}), 0))`;
    const taken = async () => (await chain`select last_value from pg_sequences where sequencename like 'change_sets%'`)[0];
    const before = await taken();
    const unkill = server.call('POST', `/projects/${project}/flags/checkout/environments/production/unkill`);
    await expect.poll(() => chain`select 1 from pg_locks where locktype = 'advisory' and not granted`, POLL).toHaveLength(1);
    expect(await taken()).toEqual(before);
    await chain`commit`;
    chain.release();
    expect((await unkill).statusCode).toBe(200);
    expect(await server.sql`select last_value from pg_sequences where sequencename like 'change_sets%'`).not.toEqual([before]);
  });

  it('wakes the change feed when the transaction commits, and not before', async () => {
    const [staging] = await environmentsOf(project);
    if (!staging) throw new Error('The fixture has two environments.');
    const heard: string[] = [];
    const subscription = await server.sql.listen('yardarm_change', (payload) => heard.push(payload));
    await server.db.transaction(async (tx) => {
      const heads = await lockHeads(tx, [staging.id]);
      const changes = [{ kind: 'flag', key: 'x', environmentId: staging.id, before: null, after: {} } as const];
      const bodies = [{ environmentId: staging.id, kind: 'flag', key: 'x', body: '{}' } as const];
      const recorded = await recordChange(tx, heads, { ...record, projectId: staging.project, changes, bodies });
      expect(recorded.revisions).toEqual(new Map([[staging.id, 1]]));
      await server.sql`select 1`;
      expect(heard).toEqual([]);
    });
    await expect.poll(() => heard).toEqual([staging.project]);
    await subscription.unlisten();
  });
});

describe('a head that another transaction holds', () => {
  async function holdProductionHead(): Promise<{ release: () => Promise<void> }> {
    const production = (await environmentsOf(project)).find(({ key }) => key === 'production');
    if (production === undefined) throw new Error('The fixture has a production environment.');
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let locked = () => {};
    const isLocked = new Promise<void>((resolve) => {
      locked = resolve;
    });
    const holder = server.db.transaction(async (tx) => {
      await lockHeads(tx, [production.id]);
      locked();
      await released;
    });
    await isLocked;
    return {
      release: async () => {
        release();
        await holder;
      },
    };
  }

  it('makes an edit give up with 503 and Retry-After, and a kill wait', async () => {
    await makeFlag(server, project, 'checkout');
    const path = `/projects/${project}/flags/checkout/environments/production`;
    await server.must('POST', `${path}/unkill`);
    const head = await holdProductionHead();
    const kill = server.call('POST', `${path}/kill`);
    const edit = await server.call('PATCH', path, { body: { offVariant: 'on' }, headers: { 'if-match': '"v1"' } });
    expect(refusal(edit)).toEqual({ status: 503, code: 'unavailable' });
    expect(edit.headers['retry-after']).toBe('1');
    await head.release();
    expect((await kill).statusCode).toBe(200);
  });

  it('stops nobody in another environment', async () => {
    await makeFlag(server, project, 'checkout');
    const head = await holdProductionHead();
    const other = await server.call('POST', `/projects/${project}/flags/checkout/environments/staging/unkill`);
    expect(other.statusCode).toBe(200);
    await head.release();
  });
});
