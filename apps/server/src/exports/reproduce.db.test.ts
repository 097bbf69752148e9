import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '../ruleset/canonical-json.ts';
import { bodiesOf, mustImport, takeExport } from '../testing/exports.ts';
import { makeEnvironment, makeFlag, makeSegment } from '../testing/fixtures.ts';
import { type TestApp, testApp } from '../testing/test-app.ts';

const RUNS = 4;

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const value = fc.oneof(
  fc.tuple(fc.constant('boolean' as const), fc.constant<Record<string, boolean>>({ on: true, off: false })),
  fc.tuple(fc.constant('string' as const), fc.record({ a: text, b: text })),
  fc.tuple(
    fc.constant('number' as const),
    fc.record({ a: fc.double({ noNaN: true, noDefaultInfinity: true }), b: fc.integer() }),
  ),
  fc.tuple(
    fc.constant('object' as const),
    fc.record({ a: fc.record({ x: fc.array(text), é: fc.constant(null) }), b: fc.constant({}) }),
  ),
);
const condition = fc.oneof(
  fc.record({
    attribute: fc.constantFrom('plan', 'user.country'),
    op: fc.constantFrom('in', 'contains', 'not_equals'),
    values: fc.array(text, { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ attribute: fc.constant('mail'), op: fc.constant('matches'), values: fc.constantFrom(['^a+@b$'], ['a.*b']) }),
  fc.constant({ segment: 'segment-0' }),
);
const flag = fc.record({
  value,
  on: fc.boolean(),
  weight: fc.integer({ min: 0, max: 100_000 }),
  conditions: fc.array(condition, { maxLength: 3 }),
  keys: fc.uniqueArray(fc.oneof(fc.string({ minLength: 1, maxLength: 8 }), fc.integer()), { maxLength: 4 }),
  description: text,
  clientSide: fc.boolean(),
  /** Edited once more, so that history is longer than one body. */
  again: fc.boolean(),
});
const project = fc.record({
  environments: fc.integer({ min: 1, max: 3 }),
  flags: fc.array(flag, { minLength: 1, maxLength: 6 }),
  include: fc.uniqueArray(fc.oneof(fc.string({ minLength: 1, maxLength: 8 }), fc.integer()), { maxLength: 5 }),
});
type Project = typeof project extends fc.Arbitrary<infer P> ? P : never;

async function make(server: TestApp, key: string, made: Project): Promise<void> {
  await server.must('POST', '/projects', { body: { key, name: `Project ${key}` } });
  for (let index = 0; index < made.environments; index++) await makeEnvironment(server, key, `environment-${index}`);
  await makeSegment(server, key, 'segment-0', { include: made.include });
  for (const [
    index,
    {
      value: [type, variants],
      ...flag
    },
  ] of made.flags.entries()) {
    const [first = '', second = ''] = Object.keys(variants);
    await makeFlag(server, key, `flag-${index}`, { type, variants, description: flag.description, clientSide: flag.clientSide });
    const path = `/projects/${key}/flags/flag-${index}/environments/environment-${index % made.environments}`;
    const rules = flag.conditions.map((when, place) => ({
      id: `r${place}`,
      when,
      serve: {
        split: {
          weights: [
            [first, flag.weight],
            [second, 100_000 - flag.weight],
          ],
        },
      },
    }));
    const body = { rules, targets: [{ variant: second, keys: flag.keys }], fallthrough: { variant: first } };
    await server.must('PATCH', path, { body, headers: { 'if-match': '"v1"' } });
    if (flag.again) await server.must('PATCH', path, { body: { offVariant: first }, headers: { 'if-match': '"v2"' } });
    if (flag.on) await server.must('POST', `${path}/unkill`);
  }
}

test(`an import reproduces every body of generated projects byte for byte, ${RUNS} runs`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(project, { minLength: 1, maxLength: 3 }), async (projects) => {
      const [server, other] = await Promise.all([testApp(), testApp()]);
      try {
        for (const [index, made] of projects.entries()) await make(server, `project-${index}`, made);
        const before = await bodiesOf(server);
        const report = await mustImport(other, await takeExport(server));
        expect(await bodiesOf(other)).toEqual(before);
        expect(report.bodies).toBe(before.sha256);
        // Not only what is served: what people edit, too.
        const halves = async ({ sql }: TestApp) =>
          canonicalJson([
            [
              ...(await sql`select f.key, f.variants, f.salt, f.description, f.version from flags f order by f.project_id, f.key`),
            ],
            [...(await sql`select x.* from flag_environments x order by flag_id, environment_id`)].map(
              ({ updated_at: _, ...row }) => row,
            ),
            [...(await sql`select x.* from segment_environments x order by segment_id, environment_id`)],
          ]);
        expect(await halves(other)).toBe(await halves(server));
      } finally {
        await Promise.all([server.close(), other.close()]);
      }
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
}, 120_000);
