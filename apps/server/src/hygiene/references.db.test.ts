import type { Build, FlagReferences, ProjectReferences, UploadedReferences, UploadReferencesInput } from '@yardarm/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFlag, makeProject, mintToken } from '../testing/fixtures.ts';
import { readRecord, refusal, TEST_NOW_MS, type TestApp, testApp } from '../testing/test-app.ts';
import { MAX_SETS, MAX_UNKNOWN_SETS } from './drop-references.ts';
import { loadSets } from './load-builds.ts';
import { readCode } from './load-facts.ts';

const DAY_MS = 24 * 3_600_000;
const MAIN = 'a'.repeat(40);

let server: TestApp;
beforeAll(async () => {
  server = await testApp();
});
afterAll(() => server.close());

/** Whether it is known what runs: one server has counted for long, or one began just now. */
async function settle(isSettled: boolean): Promise<void> {
  await server.sql`delete from telemetry_replicas`;
  await server.sql`
    insert into telemetry_replicas values (gen_random_uuid(), now() - ${isSettled ? 60 : 1} * interval '1 minute', now() + interval '1 hour')`;
}

/** A project of its own with one flag. */
async function makeShop(key: string): Promise<(more?: Partial<UploadReferencesInput>) => Promise<UploadedReferences>> {
  await makeProject(server, key, ['production']);
  await makeFlag(server, key, 'new-checkout');
  return (more = {}) => server.must('PUT', `/projects/${key}/code-references`, { body: upload(more) });
}

const call = { flagKey: 'new-checkout', path: 'src/pay now.ts', line: 7, column: 3, kind: 'call', text: 'on("new-checkout")' };
function upload(more: Partial<UploadReferencesInput> = {}): UploadReferencesInput {
  return {
    ...{ repository: 'acme/shop', branch: 'main', commit: MAIN, isDefaultBranch: true, rest: [], references: [call] },
    lineUrl: 'https://git.example.com/shop/blob/{commit}/{path}#L{line}',
    ...more,
  };
}

describe('PUT /projects/:project/code-references', () => {
  it('is for editors, names every problem, and is no change', async () => {
    await makeShop('guarded');
    const put = (body: object, token?: string) =>
      server.call('PUT', '/projects/guarded/code-references', { body, ...(token !== undefined && { token }) });
    const viewer = await mintToken(server, { role: 'viewer', project: 'guarded' });
    expect(refusal(await put(upload(), viewer)).code).toBe('forbidden');
    const bad = {
      rest: ['apps/web', 'apps/'],
      repository: 'a b',
      commit: 'HEAD',
      lineUrl: 'javascript:{path}',
      references: [{ ...call, line: 0, kind: 'A call' }],
    };
    const response = await put({ ...upload(), ...bad });
    expect(response.json().error.details.map(({ path }: { path: string }) => path)).toEqual([
      ...['repository', 'commit', 'lineUrl', 'rest[1]', 'references[0].line', 'references[0].kind'],
    ]);
    const before = await readRecord(server);
    const scanner = await mintToken(server, { actions: ['references.write'], project: 'guarded' });
    expect((await put(upload(), scanner)).statusCode).toBe(200);
    expect(await readRecord(server)).toEqual(before);
  });

  it('answers what it took, the keys that are no flags and those that are archived, and links each place', async () => {
    const put = await makeShop('takes');
    await makeFlag(server, 'takes', 'old-banner');
    await server.must('POST', '/projects/takes/flags/old-banner/archive');
    const others = ['old-banner', 'nobody'].map((flagKey) => ({ flagKey, path: 'a.go', line: 1 }));
    expect(await put({ references: [call, ...others] })).toEqual({
      ...{ repository: 'acme/shop', commit: MAIN, isHead: true, missing: [], references: 3, flags: 2, changed: true },
      ...{ unknown: ['nobody'], archived: ['old-banner'] },
    });
    const { branches } = await server.must<FlagReferences>('GET', '/projects/takes/flags/new-checkout/code-references');
    const { flagKey: _flagKey, ...place } = call;
    expect(branches).toMatchObject([
      {
        ...{ repository: 'acme/shop', branch: 'main', isDefault: true, commit: MAIN, count: 1, uploadedBy: 'tests' },
        places: [{ ...place, url: `https://git.example.com/shop/blob/${MAIN}/src/pay%20now.ts#L7` }],
      },
    ]);
    const all = await server.must<ProjectReferences>('GET', '/projects/takes/code-references');
    expect(all.flags).toEqual([
      { key: 'new-checkout', references: 1, isKnown: true, isArchived: false },
      { key: 'nobody', references: 1, isKnown: false, isArchived: false },
      { key: 'old-banner', references: 1, isKnown: true, isArchived: true },
    ]);
    expect(all.repositories).toMatchObject([{ name: 'acme/shop', commits: 1, branches: [{ flags: 3, references: 3, left: 0 }] }]);
  });

  it('takes the same commit any number of times, and what is sent last counts', async () => {
    const put = await makeShop('again');
    expect([(await put()).changed, (await put()).changed]).toEqual([true, false]);
    expect(await put({ references: [] })).toMatchObject({ changed: true, references: 0 });
    expect(
      await server.sql`select * from code_references c join reference_sets s on s.id = c.set_id
      join repositories r on r.id = s.repository_id join projects p on p.id = r.project_id where p.key = 'again'`,
    ).toEqual([]);
  });

  it('moves the head of a branch to a later commit, and not back to one that is uploaded late', async () => {
    const put = await makeShop('heads');
    const [first, second, third] = ['1', '2', '3'].map((digit) => digit.repeat(40));
    await put({ commit: first, committedAt: '2030-01-10T10:00:00Z' });
    await put({ commit: third, committedAt: '2030-01-12T10:00:00Z', references: [] });
    expect(await put({ commit: second, committedAt: '2030-01-11T10:00:00Z' })).toMatchObject({ isHead: false });
    await put({ commit: second, branch: 'fix', isDefaultBranch: false });
    const { branches } = await server.must<FlagReferences>('GET', '/projects/heads/flags/new-checkout/code-references');
    expect(branches.map(({ branch, commit, count }) => [branch, commit, count])).toEqual([
      ['main', third, 0],
      ['fix', second, 1],
    ]);
  });

  it('keeps the places of a head where its commit is uploaded late for another branch, with another outcome', async () => {
    const put = await makeShop('twice');
    const [main, ahead] = ['1', '2'].map((digit) => digit.repeat(40));
    await put({ commit: main, committedAt: '2030-01-10T10:00:00Z' });
    await put({ commit: ahead, branch: 'fix', isDefaultBranch: false, committedAt: '2030-01-12T10:00:00Z', references: [] });
    const again = { commit: main, branch: 'fix', isDefaultBranch: false, committedAt: '2030-01-10T10:00:00Z', scanner: '2' };
    expect(await put(again)).toMatchObject({ isHead: false, changed: true });
    const { branches } = await server.must<FlagReferences>('GET', '/projects/twice/flags/new-checkout/code-references');
    expect(branches.map(({ branch, count }) => [branch, count])).toEqual([
      ['main', 1],
      ['fix', 0],
    ]);
  });

  it('takes a line of code that a cut, or the file itself, leaves with what cannot be stored', async () => {
    const put = await makeShop('smile');
    await put({ references: [{ ...call, text: `\0${'x'.repeat(298)}\u{1f600}` }] });
    const { branches } = await server.must<FlagReferences>('GET', '/projects/smile/flags/new-checkout/code-references');
    expect(branches[0]?.places[0]?.text).toBe(`\ufffd${'x'.repeat(298)}\ufffd`);
  });

  it('keeps heads, commits that run and those of the last weeks, and of others nothing', async () => {
    await settle(true);
    const put = await makeShop('bounded');
    const commits = ['1', '2', '3', '4'].map((digit) => digit.repeat(40)) as [string, string, string, string];
    const [gone, deployed, recent, main] = commits;
    server.clock.nowMs = TEST_NOW_MS - 70 * DAY_MS;
    for (const commit of [gone, deployed]) await put({ commit, branch: `branch-of-${commit[0]}`, isDefaultBranch: false });
    await server.must('POST', '/projects/bounded/environments/production/deployments', {
      body: { app: 'shop', commit: deployed.slice(0, 10) },
    });
    server.clock.nowMs = TEST_NOW_MS;
    for (const commit of [recent, main]) await put({ commit });
    const kept = await server.sql<{ commit: string; places: number }[]>`
      select s.commit, count(c.flag_key)::int as places from reference_sets s join repositories r on r.id = s.repository_id
      join projects p on p.id = r.project_id left join code_references c on c.set_id = s.id where p.key = 'bounded' group by 1 order by 1`;
    expect(kept.map(({ commit, places }) => [commit[0], places])).toEqual([
      ['2', 0],
      ['3', 0],
      ['4', 1],
    ]);
    await server.sql`
      insert into reference_sets (repository_id, commit, uploaded_at, uploaded_by, scanner, keys, "references", "left", hash)
      select r.id, md5(n::text), to_timestamp(${TEST_NOW_MS / 1_000}) - n * interval '1 minute', 'tests', '', '{}', 0, 0, ''
      from repositories r join projects p on p.id = r.project_id, generate_series(1, ${MAX_SETS + 50}) n where p.key = 'bounded'`;
    await put({ commit: main });
    const [count] = await server.sql<{ n: number }[]>`
      select count(*)::int as n from reference_sets s join repositories r on r.id = s.repository_id
      join projects p on p.id = r.project_id where p.key = 'bounded'`;
    expect(count?.n).toBe(MAX_SETS + 2);
  });

  it('keeps, for a while after a server started, also what is old: instances that run it may be on their way back', async () => {
    const put = await makeShop('restarted');
    const [old, main, next] = ['1', '2', '3'].map((digit) => digit.repeat(40));
    server.clock.nowMs = TEST_NOW_MS - 70 * DAY_MS;
    await put({ commit: old });
    server.clock.nowMs = TEST_NOW_MS;
    const kept = async () => {
      const rows = await server.sql<{ commit: string }[]>`
        select s.commit from reference_sets s join repositories r on r.id = s.repository_id
        join projects p on p.id = r.project_id where p.key = 'restarted' order by 1`;
      return rows.map(({ commit }) => commit[0]);
    };
    await settle(false);
    await put({ commit: main });
    expect(await kept()).toEqual(['1', '2']);
    await settle(true);
    await put({ commit: next });
    expect(await kept()).toEqual(['2', '3']);
  });

  it('is bounded also while it is not known what runs', async () => {
    const put = await makeShop('unknown');
    await put();
    await server.sql`
      insert into reference_sets (repository_id, commit, uploaded_at, uploaded_by, scanner, keys, "references", "left", hash)
      select r.id, md5(n::text), to_timestamp(${TEST_NOW_MS / 1_000}) - n * interval '1 minute', 'tests', '', '{}', 0, 0, ''
      from repositories r join projects p on p.id = r.project_id, generate_series(1, ${MAX_UNKNOWN_SETS + 50}) n where p.key = 'unknown'`;
    await settle(false);
    await put();
    const [count] = await server.sql<{ n: number }[]>`
      select count(*)::int as n from reference_sets s join repositories r on r.id = s.repository_id
      join projects p on p.id = r.project_id where p.key = 'unknown'`;
    // And the head.
    expect(count?.n).toBe(MAX_UNKNOWN_SETS + 1);
  });

  it('is read for heads of default branches and for what runs, and for nothing else', async () => {
    const put = await makeShop('reads');
    const [old, main, branch, deployed] = ['1', '2', '3', '4'].map((digit) => digit.repeat(40));
    for (const commit of [old, deployed, main]) await put({ commit });
    await put({ commit: branch, branch: 'fix', isDefaultBranch: false });
    const [project] = await server.sql<{ id: string }[]>`select id from projects where key = 'reads'`;
    const { sets } = await readCode(server.db, project?.id ?? '', ['4444444', 'f'.repeat(40)]);
    expect(sets.map(({ commit }) => commit).sort()).toEqual([main, deployed]);
    const asked = await loadSets(server.db, project?.id ?? '', ['4444444', deployed?.slice(0, 10) ?? '']);
    expect(asked).toEqual([{ commit: deployed, rest: [] }]);
  });

  it('refuses more references than it takes', async () => {
    await makeShop('many');
    const references = Array.from({ length: 20_001 }, () => ({ flagKey: 'k', path: 'a', line: 1 }));
    expect(refusal(await server.call('PUT', '/projects/many/code-references', { body: upload({ references }) }))).toEqual({
      status: 400,
      code: 'validation_failed',
    });
  });
});

describe('POST /environments/:environment/deployments', () => {
  it('holds the build that was deployed last, until the app is said to run there no more', async () => {
    const put = await makeShop('runs');
    await put();
    const deploy = (body: object) => server.must<Build>('POST', '/projects/runs/environments/production/deployments', { body });
    const of = async () => (await server.must<{ items: Build[] }>('GET', '/projects/runs/builds')).items;
    expect(await deploy({ app: 'shop', commit: 'a'.repeat(12), version: '1.4' })).toEqual({
      ...{ source: 'deployed', environment: 'production', keyKind: null, app: 'shop', version: '1.4', commit: 'a'.repeat(12) },
      ...{ instances: null, deployedAt: new Date(TEST_NOW_MS).toISOString(), hasReferences: true },
    });
    await deploy({ app: 'shop', commit: 'b'.repeat(12), at: '2030-01-15T11:00:00Z' });
    await deploy({ app: 'shop', commit: null, at: '2030-01-15T11:00:00Z' });
    expect(await of()).toMatchObject([{ commit: 'a'.repeat(12), hasReferences: true }]);
    await deploy({ app: 'shop', commit: 'b'.repeat(12), at: '2030-01-15T12:01:00Z' });
    expect(await of()).toMatchObject([{ commit: 'b'.repeat(12), hasReferences: false }]);
    await deploy({ app: 'shop', commit: null, at: '2030-01-15T12:02:00Z' });
    expect(await of()).toEqual([]);
    const ahead = { app: 'shop', commit: 'b'.repeat(12), at: '2030-01-16T00:00:00Z' };
    const response = await server.call('POST', '/projects/runs/environments/production/deployments', { body: ahead });
    expect(refusal(response).code).toBe('validation_failed');
  });
});
