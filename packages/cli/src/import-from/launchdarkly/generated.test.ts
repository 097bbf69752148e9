/** Flags that nobody thought of: whatever of them comes over serves what LaunchDarkly's own SDK serves. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { plannedRules } from '../testing/planned-rules.ts';
import { both, DEFAULT, ours, theirs } from './testing/both.ts';
import { ldContext } from './testing/contexts.ts';
import { flag, SEGMENTS } from './testing/definitions.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'launchdarkly-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const oneOf = (...values: readonly unknown[]) => fc.array(fc.constantFrom(...values), { maxLength: 3 });
const OPERATORS: Readonly<Record<string, fc.Arbitrary<readonly unknown[]>>> = {
  in: oneOf('pro', '5', '', 5, 18, true, false, 'u1', 'o1', 'gold', 'Rome', 'a'),
  startsWith: oneOf('p', 'a', '', 5),
  endsWith: oneOf('o', 'b', '.com'),
  contains: oneOf('r', 'example', ''),
  matches: oneOf('^p', '[\\-_]', 'o$'),
  lessThan: oneOf(18, 5, 'x'),
  lessThanOrEqual: oneOf(18, -1),
  greaterThan: oneOf(17.5, 40),
  greaterThanOrEqual: oneOf(0, 19),
  before: oneOf('2026-01-01T00:00:00Z', 1_767_225_600_001, 'never'),
  after: oneOf('2026-01-01T01:00:00+02:00', 0),
  semVerEqual: oneOf('2.0.0', '2'),
  semVerLessThan: oneOf('2.0.0', '2.0.0-rc.2'),
  semVerGreaterThan: oneOf('1.9.9'),
  segmentMatch: oneOf(...Object.keys(SEGMENTS), 'nobody'),
};
const asked = fc
  .constantFrom(...Object.keys(OPERATORS))
  .chain((op) => (OPERATORS[op] as fc.Arbitrary<readonly unknown[]>).map((values) => ({ op, values })));
const about = fc.record({
  contextKind: fc.constantFrom('user', 'user', 'user', 'org', 'device'),
  attribute: fc.constantFrom(
    'plan',
    'plan',
    'email',
    'age',
    'age',
    'tags',
    'joined',
    'version',
    'tier',
    'key',
    'name',
    'anonymous',
    'kind',
    '/address/city',
    'toString',
  ),
  negate: fc.boolean(),
});
const serve = fc.oneof(
  fc.record({ variation: fc.constantFrom(0, 1, 2) }),
  fc.record({
    rollout: fc.record({
      contextKind: fc.constantFrom('user', 'org'),
      variations: fc.constantFrom(
        [{ variation: 1, weight: 100_000 }],
        [
          { variation: 2, weight: 0 },
          { variation: 0, weight: 100_000 },
        ],
      ),
    }),
  }),
);
const keys = fc.subarray(['u1', 'u2', 'u3', 'o1', 'd1']);
const target = fc.record({
  variation: fc.constantFrom(0, 1, 2),
  values: keys,
  contextKind: fc.constantFrom('user', 'org', 'device'),
});
const made = fc.record({
  on: fc.constantFrom(true, true, true, false),
  variations: fc.constant(['a', 'b', 'c']),
  offVariation: fc.constantFrom(0, 2, null),
  fallthrough: serve,
  targets: fc.array(fc.record({ variation: fc.constantFrom(0, 1), values: keys }), { maxLength: 1 }),
  contextTargets: fc.array(target, { maxLength: 1 }),
  rules: fc.array(
    fc
      .tuple(
        serve,
        fc.array(
          fc.tuple(about, asked).map(([one, other]) => ({ ...one, ...other })),
          { minLength: 1, maxLength: 2 },
        ),
      )
      .map(([one, clauses]) => ({ id: 'r', clauses, ...one })),
    { maxLength: 3 },
  ),
  prerequisites: fc.array(fc.record({ key: fc.constantFrom('f0', 'f1'), variation: fc.constantFrom(0, 1, 2) }), {
    maxLength: 1,
  }),
});

it('serve what their SDK serves', async () => {
  let [compared, served] = [0, 0];
  let file = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(made, { minLength: 40, maxLength: 40 }),
      fc.array(ldContext, { minLength: 25, maxLength: 25 }),
      async (all, contexts) => {
        // The first two are asked for by the others, and ask for none themselves.
        const flags = Object.fromEntries(
          all.map((one, index) => [`f${index}`, flag({ ...one, ...(index < 2 && { prerequisites: [] }) })]),
        );
        const sides = await both(folder, `made-${file++}`, flags, SEGMENTS, plannedRules);
        try {
          for (const key of Object.keys(flags)) {
            if (sides.rules.linker.flagSlots.get(key) === undefined) continue;
            for (const context of contexts) {
              const { value, reason, errorCode } = ours(sides, key, context);
              if (errorCode === 'FLAG_NOT_FOUND') break;
              const expected = await theirs(sides, key, context);
              compared++;
              if (expected !== DEFAULT) served++;
              if (value !== expected)
                expect.fail(
                  `${JSON.stringify(flags[key])} for ${JSON.stringify(context)}: ${JSON.stringify(value)} (${reason}), and LaunchDarkly ${JSON.stringify(expected)}`,
                );
            }
          }
        } finally {
          sides.client.close();
        }
      },
    ),
    { numRuns: Number(process.env.IMPORT_RUNS ?? 8), endOnFailure: true },
  );
  expect(compared).toBeGreaterThan(2_000);
  expect(served).toBeGreaterThan(compared / 2);
});
