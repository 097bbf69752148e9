import { type Change, configureFlagInput, type Environment, type FlagEnvironment } from '@yardarm/contract';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FlagEnvironmentRow, findFlag, loadFlagEnvironments, toFlagBody } from '../flags/flag-store.ts';
import { findProject } from '../projects/project-store.ts';
import { listSegments, toSegmentBody } from '../segments/segment-store.ts';
import { makeFlag, makeProject, makeSegment } from '../testing/fixtures.ts';
import { type TestApp, testApp } from '../testing/test-app.ts';

const ENVIRONMENTS = ['staging', 'production'] as const;
const FLAGS = ['a', 'b'] as const;
/** Each makes a project of its own and takes a second or two; `SEQUENCES=200` for more. */
const SEQUENCES = Number(process.env.SEQUENCES ?? 10);

describe('any sequence of edits, kills, copies and ways back', () => {
  let server: TestApp;
  beforeAll(async () => {
    server = await testApp();
  });
  afterAll(() => server.close());

  it(
    'leaves rows and newest bodies saying the same, and turns on only what was unkilled',
    async () => {
      let project = 0;
      const outcomes = new Map<string, number>();
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
          project += 1;
          const key = `p${project}`;
          await makeProject(server, key, ENVIRONMENTS);
          for (const flag of FLAGS) await makeFlag(server, key, flag);
          await makeSegment(server, key, 'beta');
          let on = await checkAll(server, key);
          for (const taken of steps) {
            const status = await take(server, key, taken);
            // Refusals are part of it: stale, conflicting, cyclic. A fault of the server is not.
            expect(status).toBeLessThan(500);
            const outcome = `${taken.act} ${status < 300 ? 'done' : 'refused'}`;
            outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
            const now = await checkAll(server, key);
            const turnedOn = [...now].filter((place) => !on.has(place));
            expect(turnedOn).toEqual(
              taken.act === 'unkill' ? turnedOn.filter((place) => place === `${taken.flag} ${taken.environment}`) : [],
            );
            on = now;
          }
        }),
        { numRuns: SEQUENCES, examples: [[EACH_DONE]] },
      );
      // A run in which nothing was ever reverted would prove nothing.
      for (const act of ['edit', 'kill', 'copy', 'revert', 'back'])
        expect(outcomes.get(`${act} done`) ?? 0, act).toBeGreaterThan(0);
    },
    60_000 + SEQUENCES * 4_000,
  );
});

const place = { flag: fc.constantFrom(...FLAGS), environment: fc.constantFrom(...ENVIRONMENTS) };
const salt = fc.constantFrom(undefined, 'lent');
const serve = fc.oneof(
  fc.constantFrom({ variant: 'on' }, { variant: 'off' }),
  fc.tuple(fc.nat(100_000), salt).map(([share, lent]) => ({
    split: {
      ...(lent && { salt: lent }),
      weights: [
        ['on', share],
        ['off', 100_000 - share],
      ],
    },
  })),
);
const when = fc.constantFrom(
  { segment: 'beta' },
  { all: [] },
  // Quadratic: gets a cap on its input.
  { attribute: 'mail', op: 'matches', values: ['a+.*b$'] },
);
const edit = fc.record(
  {
    offVariant: fc.constantFrom('off', null),
    prerequisites: fc.constantFrom([], [{ flag: 'a', variants: ['on'] }], [{ flag: 'b', variants: ['on'] }]),
    targets: fc.constantFrom([], [{ variant: 'on', keys: ['u1', 7] }]),
    rules: fc.uniqueArray(fc.record({ id: fc.constantFrom('r1', 'r2'), when, serve }), {
      maxLength: 2,
      selector: ({ id }) => id,
    }),
    fallthrough: fc.option(serve),
  },
  { requiredKeys: [] },
);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ act: fc.constant('edit' as const), ...place, edit }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('kill' as const), ...place }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('unkill' as const), ...place }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('include' as const), ...place, include: fc.subarray(['u1', 'u2', 7]) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('owner' as const), ...place, owner: fc.constantFrom('x', 'y', null) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('copy' as const), ...place, segments: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('copy all' as const), ...place }) },
  // How far back, in changes or as a part of the revisions.
  { weight: 3, arbitrary: fc.record({ act: fc.constant('revert' as const), ...place, back: fc.nat(5) }) },
  {
    weight: 1,
    arbitrary: fc.record({ act: fc.constant('back' as const), ...place, part: fc.double({ min: 0, max: 1, noNaN: true }) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** With which every run begins: of ten random sequences, one run in a few hundred never had a copy that was made. */
const AT = { flag: 'a', environment: 'staging' } as const;
const EACH_DONE: Step[] = [
  { act: 'unkill', ...AT },
  { act: 'edit', ...AT, edit: { fallthrough: { variant: 'on' } } },
  { act: 'revert', ...AT, back: 0 },
  { act: 'kill', ...AT },
  { act: 'copy', ...AT, environment: 'production', segments: false },
  { act: 'back', ...AT, part: 0.5 },
];

/** Does one step through the API; answers the status. */
async function take(server: TestApp, project: string, taken: Step): Promise<number> {
  const base = `/projects/${project}`;
  const flag = `${base}/flags/${taken.flag}/environments/${taken.environment}`;
  const other = ENVIRONMENTS.find((environment) => environment !== taken.environment);
  const patch = async (path: string, body: object) => {
    const headers = { 'if-match': `"v${(await server.must<{ version: number }>('GET', path)).version}"` };
    return server.call('PATCH', path, { body, headers });
  };
  const post = (path: string, body?: object) => server.call('POST', path, { ...(body && { body }) });
  const act = async () => {
    switch (taken.act) {
      case 'edit':
        return patch(flag, configureFlagInput.parse(taken.edit));
      case 'kill':
      case 'unkill':
        return post(`${flag}/${taken.act}`);
      case 'include':
        return patch(`${base}/segments/beta/environments/${taken.environment}`, { include: taken.include });
      case 'owner':
        return patch(`${base}/flags/${taken.flag}`, { owner: taken.owner });
      case 'copy': {
        const { version } = await server.must<FlagEnvironment>('GET', flag);
        const body = { from: other, segments: taken.segments };
        return server.call('POST', `${flag}/copy`, { body, headers: { 'if-match': `"v${version}"` } });
      }
      case 'copy all':
        return post(`${base}/environments/${taken.environment}/copy`, { from: other });
      case 'revert': {
        const { items } = await server.must<{ items: Change[] }>('GET', `${base}/changes?limit=10`);
        return post(`${base}/changes/${items[taken.back]?.id}/revert`);
      }
      case 'back': {
        const { items } = await server.must<{ items: Environment[] }>('GET', `${base}/environments`);
        const head = items.find(({ key }) => key === taken.environment)?.revision ?? 0;
        return post(`${base}/environments/${taken.environment}/revert`, { toRevision: Math.round(taken.part * head) });
      }
    }
  };
  return (await act()).statusCode;
}

/** Expects of every flag and segment that its newest body is what its row makes; answers the places that are on. */
async function checkAll({ db, sql }: TestApp, key: string): Promise<ReadonlySet<string>> {
  const bodies = await sql<{ id: string; body: string }[]>`
    select distinct on (e.key, o.kind, o.key) o.kind || ' ' || o.key || ' ' || e.key as id, o.body
    from rule_objects o join environments e on e.id = o.environment_id join projects p on p.id = e.project_id
    where p.key = ${key} order by e.key, o.kind, o.key, o.revision desc`;
  const newest = Object.fromEntries(bodies.map(({ id, body }) => [id, body]));
  const project = await findProject(db, key);
  const expected: Record<string, string> = {};
  const on = new Set<string>();
  for (const name of FLAGS) {
    const flag = await findFlag(db, project, name);
    const rows = (await loadFlagEnvironments(db, [flag.id])).get(flag.id) ?? [];
    for (const { environmentKey, row } of rows) {
      expected[`flag ${name} ${environmentKey}`] = toFlagBody(flag, row as FlagEnvironmentRow);
      if (row.on) on.add(`${name} ${environmentKey}`);
    }
  }
  for (const segment of await listSegments(db, project.id, { limit: 10 }))
    for (const environment of segment.environments)
      expected[`segment ${segment.key} ${environment.environment}`] = toSegmentBody(environment);
  expect(newest).toEqual(expected);
  return on;
}
