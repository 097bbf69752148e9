import type {
  AssessedFlag,
  Builds,
  CheckSnapshot,
  Flag,
  FlagVerdict,
  HygieneOverview,
  UploadedReferences,
} from '@yardarm/contract';
import { checkSnapshot } from '@yardarm/contract';
import { eq } from 'drizzle-orm';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projects } from '../db/schema.ts';
import { COVERAGE_FORMAT, measureCoverage } from '../telemetry/coverage.ts';
import { makeFlag, makeProject } from '../testing/fixtures.ts';
import { type TestApp, testApp } from '../testing/test-app.ts';
import { assessProject } from './assess-project.ts';
import { createRemoteUse } from './remote-use.ts';

const DAY_MS = 24 * 3_600_000;
const MAIN = 'a'.repeat(40);
const OLD_BUILD = 'b'.repeat(40);
const PARTS = 'c'.repeat(40);
/** What telemetry says is dated by the database's clock, so that everything here is. */
const NOW_MS = Date.now();
const day = (days: number) => new Date(NOW_MS + days * DAY_MS).toISOString().slice(0, 10);

let server: TestApp;
let ids: { readonly project: string; readonly production: string };
beforeAll(async () => {
  server = await testApp();
  server.clock.nowMs = NOW_MS;
  await makeProject(server, 'shop', ['production']);
  await makeFlag(server, 'shop', 'done', { kind: 'release', owner: 'payments', expiresOn: day(60) });
  await makeFlag(server, 'shop', 'used', { kind: 'release', owner: 'payments', expiresOn: day(5) });
  await makeFlag(server, 'shop', 'late', { kind: 'release', owner: 'search', expiresOn: day(1) });
  await makeFlag(server, 'shop', 'switch', { links: [] });
  const [row] = await server.sql<{ project: string; production: string }[]>`
    select p.id as project, e.id as production from projects p join environments e on e.project_id = p.id where p.key = 'shop'`;
  ids = row as typeof ids;
  await server.sql`update flags set created_at = now() - interval '100 days'`;
  await server.sql`update flag_environments set updated_at = now() - interval '10 days'`;
  await server.sql`update flags set expires_on = ${day(-3)} where key = 'late'`;
  await evaluate('used', 0);
  await connect([{ commit: MAIN, reports: true }]);
  await server.sql`
    insert into telemetry_sources (environment_id, key_kind, heard_at, series, lost, dropped) values (${ids.production}, 'server', now(), 0, 0, 0)`;
  await server.sql`insert into telemetry_replicas values (${ids.project}, now() - interval '1 day', now() + interval '1 hour')`;
  await server.sql`insert into remote_uses (key_id, way, environment_id, used_at)
    values (${ids.production}, 'heard', ${ids.production}, now() - interval '90 days')`;
  await upload(MAIN, ['used', 'late', 'switch']);
});
afterAll(() => server.close());

async function evaluate(flag: string, daysAgo: number): Promise<void> {
  await server.sql`
    insert into telemetry_last_evaluated (flag_id, environment_id, key_kind, rule_served_at)
    select id, ${ids.production}, 'server', now() - ${daysAgo} * interval '1 day' from flags where key = ${flag}
    on conflict (flag_id, environment_id, key_kind) do update set rule_served_at = excluded.rule_served_at`;
}

/** As one server tells others who is connected to it. */
async function connect(instances: readonly { readonly commit: string; readonly reports: boolean }[]): Promise<void> {
  const readers = instances.map(({ commit }, index) => ({
    ...{
      keyId: 'k',
      keyKind: 'server' as const,
      environmentId: ids.production,
      instance: `${index}`,
      sdk: 'test/1',
      connectedAtMs: 0,
    },
    app: { name: 'shop', version: '1', commit },
  }));
  const coverage = await measureCoverage(readers, ({ instance }) => instances[Number(instance)]?.reports === true, NOW_MS);
  expect(coverage.format).toBe(COVERAGE_FORMAT);
  await server.sql`
    insert into telemetry_coverage (environment_id, replica, coverage, heard_at)
    values (${ids.production}, ${ids.project}, ${JSON.stringify(coverage)}::text::jsonb, now() + interval '1 hour')
    on conflict (environment_id, replica) do update set coverage = excluded.coverage`;
}

async function upload(commit: string, keys: readonly string[], branch = 'main'): Promise<void> {
  const references = keys.map((flagKey) => ({ flagKey, path: 'src/index.ts', line: 1 }));
  const body = { repository: 'acme/shop', branch, commit, isDefaultBranch: branch === 'main', rest: [], references };
  await server.must('PUT', '/projects/shop/code-references', { body });
}

const verdict = (flag: string) => server.must<FlagVerdict>('GET', `/projects/shop/flags/${flag}/verdict`);
const stateOf = ({ facts }: FlagVerdict, code: string) => facts.find((fact) => fact.code === code)?.state;
const overview = () => server.must<HygieneOverview>('GET', '/projects/shop/hygiene');

async function assess(nowMs = NOW_MS): Promise<void> {
  const [project] = await server.db.select().from(projects).where(eq(projects.key, 'shop'));
  if (project === undefined) throw new Error('There is no project.');
  await assessProject(server.db, project, nowMs);
}

describe('GET /flags/:flag/verdict', () => {
  it('is safe for a flag that nothing names, no build has and nobody evaluates', async () => {
    const done = await verdict('done');
    expect(done).toMatchObject({
      verdict: 'safe',
      awaitingDeploy: false,
      lifecycle: 'ready_to_remove',
      reasons: [{ code: 'safe' }, {}],
    });
    expect(done.facts.map(({ state }) => state)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok', 'ok']);
  });

  it('is blocked for one that the default branch names, with the place and the day', async () => {
    const used = await verdict('used');
    expect(used).toMatchObject({ verdict: 'blocked', lifecycle: 'expiring' });
    expect([stateOf(used, 'default_branches'), stateOf(used, 'builds'), stateOf(used, 'evaluations')]).toEqual(
      Array(3).fill('blocks'),
    );
    expect(used.facts.find(({ code }) => code === 'default_branches')?.items).toMatchObject([
      { sentence: 'Named in one place on main of acme/shop (aaaaaaaaaa).', at: expect.any(String) },
    ]);
  });

  it('awaits a deploy while a build that runs still names it, and knows nothing of a commit that nobody scanned', async () => {
    await connect([
      { commit: MAIN, reports: true },
      { commit: OLD_BUILD, reports: true },
    ]);
    const unknown = await verdict('done');
    expect([unknown.verdict, unknown.awaitingDeploy, stateOf(unknown, 'builds')]).toEqual(['caution', false, 'unknown']);
    await upload(OLD_BUILD, ['done'], 'release');
    expect(await verdict('done')).toMatchObject({ verdict: 'blocked', awaitingDeploy: true });
    await connect([{ commit: MAIN, reports: true }]);
    await server.must('POST', '/projects/shop/environments/production/deployments', { body: { app: 'jobs', commit: OLD_BUILD } });
    expect(await verdict('done')).toMatchObject({ verdict: 'blocked', awaitingDeploy: true });
    await server.must('POST', '/projects/shop/environments/production/deployments', { body: { app: 'jobs', commit: null } });
    expect(await verdict('done')).toMatchObject({ verdict: 'safe' });
  });

  it('knows nothing of a build before the uploads of its commit are all of it, in whatever parts', async () => {
    const put = (repository: string, rest: string[] | undefined, keys: string[] = []) => {
      const references = keys.map((flagKey) => ({ flagKey, path: 'src/index.ts', line: 1 }));
      const body = { repository, branch: 'part', commit: PARTS, isDefaultBranch: false, rest, references };
      return server.must<UploadedReferences>('PUT', '/projects/shop/code-references', { body });
    };
    const builds = async () => {
      const { facts } = await verdict('done');
      return facts.find(({ code }) => code === 'builds')?.items.find(({ sentence }) => sentence.includes(PARTS.slice(0, 10)));
    };
    const isKnown = async () =>
      (await server.must<Builds>('GET', '/projects/shop/builds')).items.find(({ commit }) => commit === PARTS.slice(0, 10))
        ?.hasReferences;
    await connect([
      { commit: MAIN, reports: true },
      { commit: PARTS.slice(0, 10), reports: true },
    ]);
    expect((await put('name-a', undefined)).missing).toBe(null);
    expect([await builds(), await isKnown()]).toMatchObject([
      { state: 'unknown', sentence: expect.stringContaining('says whether it is all') },
      false,
    ]);
    expect((await put('name-a', ['web', 'tools/a', 'tools/b'])).missing).toEqual(['tools/a', 'tools/b', 'web']);
    expect([await builds(), await isKnown()]).toMatchObject([
      { state: 'unknown', sentence: expect.stringContaining('nobody uploaded tools/a, tools/b, web;') },
      false,
    ]);
    expect((await put('name-b', ['api', 'tools'])).missing).toEqual(['tools/a', 'tools/b']);
    await put('name-c', ['api', 'web', 'tools/b']);
    expect((await builds())?.state).toBe('unknown');
    expect((await put('name-d', ['api', 'web', 'tools/a'], ['done'])).missing).toEqual([]);
    expect([await builds(), await isKnown()]).toMatchObject([{ state: 'blocks' }, true]);
    await put('name-d', ['api', 'web', 'tools/a']);
    expect((await builds())?.state).toBe('ok');
    // Under its name another part takes its place.
    await put('name-a', ['api', 'web', 'tools']);
    expect(await builds()).toMatchObject({ state: 'unknown', sentence: expect.stringContaining('nobody uploaded api;') });
    await put('name-e', []);
    expect((await builds())?.state).toBe('ok');
    await server.sql`delete from branch_heads where branch = 'part'`;
    await server.sql`delete from reference_sets where commit = ${PARTS}`;
    await server.sql`delete from repositories where name like 'name-%'`;
    await connect([{ commit: MAIN, reports: true }]);
  });

  it('is never safe below a coverage of 100 %', async () => {
    await connect([
      { commit: MAIN, reports: true },
      { commit: MAIN, reports: false },
    ]);
    const done = await verdict('done');
    expect([done.verdict, stateOf(done, 'coverage')]).toEqual(['caution', 'unknown']);
    await connect([{ commit: MAIN, reports: true }]);
  });

  it('counts no evaluation of the time machine, and knows no coverage where a key lets the server evaluate', async () => {
    await server.must('POST', '/projects/shop/environments/production/evaluate', { body: { flag: 'done' } });
    expect(await verdict('done')).toMatchObject({ verdict: 'safe' });
    const key = { id: ids.project, environmentId: ids.production };
    const note = async (way: 'ofrep' | 'flagd') => {
      const use = createRemoteUse({ db: server.db, log: pino({ level: 'silent' }), monotonicMs: () => 0 });
      use.note(key, way);
      await use.settled();
    };
    for (const way of ['ofrep', 'flagd'] as const) {
      await note(way);
      const done = await verdict('done');
      expect([done.verdict, stateOf(done, 'coverage'), stateOf(done, 'evaluations')]).toEqual(['caution', 'unknown', 'ok']);
      await server.sql`update remote_uses set used_at = now() - interval '31 days'`;
      expect(await verdict('done')).toMatchObject({ verdict: 'safe' });
    }
    await note('flagd');
    expect((await verdict('done')).verdict).toBe('caution');
    await server.sql`delete from remote_uses where way <> 'heard'`;
  });

  it('is not safe for the window after an instance said that it lost evaluations', async () => {
    await server.sql`insert into remote_uses (key_id, way, environment_id, used_at) values (${ids.production}, 'lost', ${ids.production}, now())`;
    expect((await verdict('done')).facts[0]).toMatchObject({
      code: 'coverage',
      items: [{ state: 'unknown', environment: 'production', at: expect.stringContaining(day(0)) }],
    });
    await server.sql`update remote_uses set used_at = now() - interval '31 days' where way = 'lost'`;
    expect(await verdict('done')).toMatchObject({ verdict: 'safe' });
    await server.sql`delete from remote_uses where way = 'lost'`;
  });

  it('does not forget an instance that reported nothing when it is gone', async () => {
    await connect([
      { commit: MAIN, reports: true },
      { commit: MAIN, reports: false },
    ]);
    await assess();
    await connect([{ commit: MAIN, reports: true }]);
    expect(stateOf(await verdict('done'), 'coverage')).toBe('unknown');
    await server.sql`update remote_uses set used_at = now() - interval '31 days'`;
    expect(await verdict('done')).toMatchObject({ verdict: 'safe' });
    await server.sql`delete from remote_uses where way <> 'heard'`;
    await server.sql`truncate flag_hygiene, hygiene_projects, hygiene_scores`;
  });

  it('sees every value that an environment can serve', async () => {
    const path = '/projects/shop/flags/done/environments/production';
    await server.must('POST', `${path}/unkill`);
    const configure = async (body: object) => {
      const { version } = await server.must<{ version: number }>('GET', path);
      await server.must('PATCH', path, { body, headers: { 'if-match': `"v${version}"` } });
      return stateOf(await verdict('done'), 'one_value');
    };
    const to = (weights: [string, number][]) => ({ fallthrough: { split: { by: 'targetingKey', weights } } });
    expect(
      await configure(
        to([
          ['on', 100_000],
          ['off', 0],
        ]),
      ),
    ).toBe('ok');
    expect(
      await configure(
        to([
          ['on', 1],
          ['off', 99_999],
        ]),
      ),
    ).toBe('doubt');
    expect(await configure({ fallthrough: { variant: 'on' }, targets: [{ variant: 'off', keys: ['me'] }] })).toBe('doubt');
    const when = { attribute: 'country', op: 'in', values: ['DE'] };
    expect(await configure({ targets: [], rules: [{ id: 'r', when, serve: { variant: 'off' } }] })).toBe('doubt');
    expect(await configure({ rules: [{ id: 'r', when, serve: { variant: 'on' } }] })).toBe('ok');
    expect(await configure({ rules: [], prerequisites: [{ flag: 'switch', variants: ['on'] }] })).toBe('doubt');
    expect(await verdict('switch')).toMatchObject({ verdict: 'blocked' });
    expect(stateOf(await verdict('switch'), 'dependants')).toBe('blocks');
    expect(await configure({ prerequisites: [] })).toBe('ok');
    await server.must('POST', `${path}/kill`);
    await server.sql`update flag_environments set updated_at = now() - interval '40 days' where flag_id in (select id from flags where key = 'done')`;
  });
});

describe('an assessment', () => {
  it('is what lists, filters, the overview and the check go by, with the expiry as of now', async () => {
    const list = () => server.must<{ items: AssessedFlag[] }>('GET', '/projects/shop/hygiene/flags');
    expect((await list()).items.map(({ verdict: given, assessedAt }) => [given, assessedAt])).toEqual(
      Array(4).fill([null, null]),
    );
    await assess();
    const { items } = await list();
    expect(items.map(({ flag, lifecycle, verdict: given, references }) => [flag, lifecycle, given, references])).toEqual([
      ['done', 'ready_to_remove', 'safe', 0],
      ['late', 'expired', 'blocked', 1],
      ['switch', 'stale', 'blocked', 1],
      ['used', 'expiring', 'blocked', 1],
    ]);
    expect(items[1]).toMatchObject({
      open: ['default_branches', 'builds'],
      reasons: [{ code: 'expired' }, { code: 'never_evaluated' }],
    });
    const filtered = async (lifecycle: string) =>
      (await server.must<{ items: Flag[] }>('GET', `/projects/shop/flags?lifecycle=${lifecycle}`)).items;
    for (const { flag, lifecycle } of items)
      expect((await filtered(lifecycle)).map(({ key, lifecycle: own }) => [key, own])).toEqual([[flag, lifecycle]]);
    expect(await filtered('active')).toEqual([]);
    const page = await server.must<{ items: AssessedFlag[]; next: string }>(
      'GET',
      '/projects/shop/hygiene/flags?limit=2&cursor=done',
    );
    expect([page.items.map(({ flag }) => flag), page.next]).toEqual([['late', 'switch'], 'switch']);
  });

  it('gives the overview counts, lists by urgency, unknown keys, code defaults that differ and a score per owner and week', async () => {
    await upload(MAIN, ['used', 'late', 'switch', 'typo']);
    await server.sql`
      insert into telemetry_defaults (flag_id, environment_id, key_kind, app, hash, seen_at)
      select id, ${ids.production}, 'server', app, app, now() from flags, unnest(array['shop', 'jobs']) app where key = 'used'`;
    await assess(NOW_MS - 7 * DAY_MS);
    await assess();
    const shown = await overview();
    expect(shown.counts).toEqual({
      lifecycle: { active: 0, expiring: 1, expired: 1, stale: 1, ready_to_remove: 1, archived: 0 },
      verdict: { safe: 1, caution: 0, blocked: 3 },
      ...{ awaitingDeploy: 0, snoozed: 0, withoutOwner: 1 },
    });
    expect([shown.expiries, shown.stale, shown.readyToRemove].map((flags) => flags.map(({ flag }) => flag))).toEqual([
      ['late', 'used'],
      ['switch'],
      ['done'],
    ]);
    expect(shown.unknownKeys).toMatchObject([{ key: 'typo', environment: null, app: 'acme/shop', n: 1, source: 'code' }]);
    expect(shown.codeDefaults).toMatchObject([{ flag: 'used', environment: 'production', defaults: [{}, {}] }]);
    expect(shown.scores.map(({ owner, weeks }) => [owner, weeks.length, weeks.at(-1)?.score])).toEqual([
      [null, 2, 0],
      ['search', 2, 0],
      ['payments', 2, 50],
    ]);
    expect(shown.assessedAt).toBe(new Date(NOW_MS).toISOString());
  });

  it('writes no row anew of which nothing is new, and remembers since when code is gone', async () => {
    const rows = () => server.sql`select flag_id, assessed_at, code_gone_since from flag_hygiene order by flag_id`;
    const before = await rows();
    await assess(NOW_MS + 60_000);
    expect(await rows()).toEqual(before);
    await upload(MAIN, ['used', 'late', 'switch', 'done']);
    await assess();
    expect((await verdict('done')).lifecycle).toBe('stale');
    expect((await rows()).filter(({ code_gone_since: since }) => since !== null)).toEqual([]);
    await upload(MAIN, ['used', 'late', 'switch']);
  });

  it('is in the check snapshot, with archived flags, their snoozes and a version', async () => {
    await makeFlag(server, 'shop', 'Zed');
    await server.must('POST', '/projects/shop/flags/Zed/archive');
    await server.must('POST', '/projects/shop/flags/late/snooze', { body: { until: day(7), reason: 'After the sale' } });
    const snapshot = await server.must<CheckSnapshot>('GET', '/projects/shop/check-snapshot');
    expect(checkSnapshot.strict().parse(snapshot)).toEqual(snapshot);
    expect(snapshot).toMatchObject({ version: 1, project: 'shop', environments: ['production'] });
    expect(snapshot.flags.map(({ key, lifecycle, owner, snoozedUntil }) => [key, lifecycle, owner, snoozedUntil])).toEqual([
      ['Zed', 'archived', null, null],
      ['done', 'stale', 'payments', null],
      ['late', 'expired', 'search', day(7)],
      ['switch', 'stale', null, null],
      ['used', 'expiring', 'payments', null],
    ]);
  });

  it('dates code as gone from the last upload that showed it, not from one of another repository that never named it', async () => {
    await server.sql`delete from flag_hygiene`;
    await server.must('PUT', '/projects/shop/code-references', {
      body: { repository: 'acme/api', branch: 'main', commit: 'd'.repeat(40), isDefaultBranch: true, rest: [], references: [] },
    });
    await server.sql`update reference_sets set uploaded_at = now() - interval '40 days' where commit = ${'d'.repeat(40)}`;
    await assess();
    const [gone] = await server.sql<{ at: Date }[]>`
      select h.code_gone_since as at from flag_hygiene h join flags f on f.id = h.flag_id where f.key = 'done'`;
    expect(new Date(gone?.at ?? 0).getTime()).toBe(NOW_MS);
    await server.sql`delete from branch_heads where set_id in (select id from reference_sets where commit = ${'d'.repeat(40)})`;
    await server.sql`delete from reference_sets where commit = ${'d'.repeat(40)}`;
    await server.sql`delete from repositories where name = 'acme/api'`;
    await assess();
  });

  it('notes when reports are heard first: until that is the window ago, no evaluation is no evidence', async () => {
    await server.sql`delete from remote_uses where way = 'heard'`;
    expect(await verdict('done')).toMatchObject({
      verdict: 'caution',
      facts: [{ code: 'coverage', state: 'unknown' }, {}, {}, {}, {}, {}],
    });
    await assess(NOW_MS - 29 * DAY_MS);
    await assess();
    expect((await verdict('done')).facts[0]?.items).toMatchObject([
      { state: 'unknown', environment: 'production', at: new Date(NOW_MS - 29 * DAY_MS).toISOString() },
    ]);
    await server.sql`update remote_uses set used_at = now() - interval '31 days' where way = 'heard'`;
    expect((await verdict('done')).verdict).toBe('safe');
  });
});
