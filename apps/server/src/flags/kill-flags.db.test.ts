import type { Change, KilledFlags } from '@yardarm/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFlag, makeProject, mintToken } from '../testing/fixtures.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';

describe('POST …/environments/:environment/kill', () => {
  let server: TestApp;
  beforeAll(async () => {
    server = await testApp();
  });
  afterAll(() => server.close());

  /** A project of its own, protected production, with three flags that are on there. */
  async function burning(project: string) {
    await makeProject(server, project, ['staging']);
    await server.must('POST', `/projects/${project}/environments`, {
      body: { key: 'production', name: 'Production', protected: true },
    });
    await makeFlag(server, project, 'a', { owner: 'search', tags: ['slow', 'web'] });
    await makeFlag(server, project, 'b', { owner: 'search' });
    await makeFlag(server, project, 'c', { owner: 'payments', tags: ['slow'] });
    for (const flag of ['a', 'b', 'c'])
      await server.must('POST', `/projects/${project}/flags/${flag}/environments/production/unkill`, {
        body: { reason: 'Launch' },
      });
    const path = `/projects/${project}/environments/production/kill`;
    return { path, kill: (body: unknown, token?: string) => server.call('POST', path, { body, ...(token && { token }) }) };
  }
  const newest = async (project: string) => {
    const { heads, changes } = await readRecord(server);
    const sets = await server.sql`select 1 from change_sets where command = 'flag.kill_many'`;
    const head = heads.find((one) => one.project === project && one.environment === 'production');
    return {
      revision: head?.revision,
      changes: changes.filter(({ command }) => command === 'flag.kill_many'),
      sets: sets.length,
    };
  };

  it('asks strangers to sign in, and forbids it to whom may only look', async () => {
    const { path, kill } = await burning('guarded');
    expect(refusal(await server.call('POST', path, { token: null, body: { tag: 'slow' } })).code).toBe('unauthenticated');
    const viewer = await mintToken(server, { role: 'viewer', project: 'guarded' });
    expect(refusal(await kill({ tag: 'slow' }, viewer))).toEqual({ status: 403, code: 'forbidden' });
  });

  it('kills the flags named in one change set and one revision, though the environment is protected and no reason given', async () => {
    const { kill } = await burning('named');
    const editor = await mintToken(server, { role: 'editor', project: 'named' });
    const response = await kill({ flags: ['c', 'a'] }, editor);
    expect(response.json()).toEqual({ environment: 'production', killed: ['a', 'c'], alreadyOff: [], revision: 7 });
    const { revision, changes, sets } = await newest('named');
    expect([revision, sets]).toEqual([7, 1]);
    expect(changes).toMatchObject(
      ['a', 'c'].map((key) => ({
        kind: 'flag',
        key,
        environment: 'production',
        revision: 7,
        before: { on: true },
        after: { on: false },
        reason: null,
      })),
    );
    const { objects } = await readRecord(server);
    const bodies = objects.filter((one) => one.environment === 'production' && one.revision === 7);
    expect(bodies.map(({ key, body }) => [key, JSON.parse(body ?? '').on])).toEqual([
      ['a', false],
      ['c', false],
    ]);
  });

  it('kills by tag and by owner, and says what was off already', async () => {
    const { kill } = await burning('grouped');
    expect((await kill({ tag: 'slow', reason: 'Timeouts' })).json<KilledFlags>()).toMatchObject({ killed: ['a', 'c'] });
    expect((await kill({ owner: 'search' })).json<KilledFlags>()).toMatchObject({ killed: ['b'], alreadyOff: ['a'] });
  });

  it('changes nothing the second time, and answers 200', async () => {
    const { kill } = await burning('again');
    await kill({ tag: 'slow' });
    const before = await readRecord(server);
    const response = await kill({ tag: 'slow' });
    expect([response.statusCode, response.json()]).toEqual([
      200,
      { environment: 'production', killed: [], alreadyOff: ['a', 'c'], revision: 7 },
    ]);
    expect(await readRecord(server)).toEqual(before);
  });

  it('kills nothing when one of the flags does not exist, and names it', async () => {
    const { kill } = await burning('unknown');
    const before = await readRecord(server);
    const response = await kill({ flags: ['a', 'nope', 'b', 'neither'] });
    expect(response.json().error).toMatchObject({
      code: 'not_found',
      message: "Flags 'nope', 'neither' do not exist in project 'unknown'; nothing was killed.",
      details: [{ path: 'flags[1]' }, { path: 'flags[3]' }],
    });
    for (const body of [{ tag: 'fast' }, { owner: 'nobody' }])
      expect(refusal(await kill(body))).toEqual({ status: 404, code: 'not_found' });
    expect(await readRecord(server)).toEqual(before);
  });

  it('wants exactly one way of saying which', async () => {
    const { kill } = await burning('which');
    for (const body of [{}, { flags: ['a'], tag: 'slow' }, { flags: [] }, { all: true }])
      expect(refusal(await kill(body))).toEqual({ status: 400, code: 'validation_failed' });
  });

  it('needs the right to kill and no other: one that names flag.kill in that environment is enough', async () => {
    const { kill } = await burning('narrow');
    const right = { actions: ['flag.kill'], project: 'narrow', environment: 'production' };
    const token = await mintToken(server, right);
    expect((await kill({ flags: ['a'] }, token)).statusCode).toBe(200);
    const elsewhere = server.call('POST', '/projects/narrow/environments/staging/kill', { token, body: { flags: ['a'] } });
    expect(refusal(await elsewhere).code).toBe('forbidden');
  });

  it('waits for an edit that holds the environment longer than an edit would', async () => {
    const { kill } = await burning('patient');
    let done: (() => void) | undefined;
    const held = new Promise<void>((resolve) => {
      done = resolve;
    });
    const holder = server.sql.begin(async (tx) => {
      await tx`select 1 from environment_heads h join environments e on e.id = h.environment_id
        join projects p on p.id = e.project_id where p.key = 'patient' for update of h`;
      await held;
    });
    const edit = server.call('POST', '/projects/patient/flags/a/environments/production/unkill', { body: { reason: 'x' } });
    const killed = kill({ flags: ['a', 'b'] });
    // The edit gives up after two seconds; the kill is still there.
    expect(refusal(await edit).code).toBe('unavailable');
    const releasedAtMs = Date.now();
    done?.();
    await holder;
    expect((await killed).json()).toMatchObject({ killed: ['a', 'b'] });
    // When it took effect and not when it was asked for: the time machine must not say that everybody was off while it waited.
    const { items } = await server.must<{ items: Change[] }>('GET', '/projects/patient/changes?limit=1');
    expect(Date.parse(items[0]?.at as string)).toBeGreaterThanOrEqual(releasedAtMs);
  });

  it('kills 6 000 flags at once', async () => {
    await makeProject(server, 'many', ['production']);
    await server.sql`
      with made as (
        insert into flags (project_id, key, kind, type, variants, salt, tags)
        select p.id, 'flag-' || n, 'operational', 'boolean', '{"on":true,"off":false}', 's', '["all"]'
        from projects p, generate_series(1, 6000) n where p.key = 'many' returning id, project_id)
      insert into flag_environments (flag_id, environment_id, "on")
      select made.id, e.id, true from made join environments e on e.project_id = made.project_id`;
    const kill = () => server.call('POST', '/projects/many/environments/production/kill', { body: { tag: 'all' } });
    let answer = await kill();
    // A busy machine may need longer than a kill may take: then it was not made, and whoever asked asks again.
    while (answer.statusCode === 503) answer = await kill();
    expect(answer.json<KilledFlags>().killed).toHaveLength(6_000);
  });
});
