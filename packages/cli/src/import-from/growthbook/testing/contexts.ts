/** Attributes of GrowthBook, and the same in our terms. What differs for good is not among them: see the list in the test. */
import type { EvaluationContext } from '@yardarm/evaluator';
import fc from 'fast-check';

export type Attributes = Readonly<Record<string, unknown>>;

const scalar = fc.constantFrom<unknown>(
  ...['pro', 'PRO', 'free', 'Free', '5', '0', '1', 'true', 'false', 'null', '', 'x', 5, 0, 1, -1, 17.5, true, false, null],
);
const VERSIONS = [
  '2.0.0',
  'v2.0.0',
  '2.0.1',
  '1.9.10',
  '1.10.0',
  '10.0.0',
  '2.0.0-rc.1',
  '2.0.0-rc.2',
  '2.0.0-rc.10',
  '2.0.0-alpha',
  '2.0.0+build',
];
const EMAILS = ['ann@example.com', 'Bob@EXAMPLE.org', 'cem@elsewhere.net', '', 'null', 'true', 't', true, false, null];
const ids = [...['u1', 'u2', 'u3', 'u1', 'u2', 'u3', '', 0, 7, null], ...Array.from({ length: 30 }, (_, index) => `u${index}`)];

export const attributes: fc.Arbitrary<Attributes> = fc
  .record(
    {
      id: fc.constantFrom<unknown>(...ids),
      team: fc.constantFrom<unknown>('red', 'blue', 'green', 'black', 'white', 'pink', 12, 0, '', null),
      plan: fc.oneof({ weight: 1, arbitrary: fc.constantFrom('pro', '', 5) }, { weight: 3, arbitrary: scalar }),
      age: fc.constantFrom<unknown>(0, -1, -3, 4, 5, 17, 18, 19, 40, 41, 17.5, null),
      tags: fc.array(fc.constantFrom<unknown>('a', 'A', 'b', '5', 5, 0, true), { maxLength: 3 }),
      scores: fc.array(fc.constantFrom(1, 5, 6, 10, 11), { maxLength: 3 }),
      emails: fc.array(fc.constantFrom('ann@example.com', 'x'), { maxLength: 2 }),
      email: fc.constantFrom<unknown>(...EMAILS),
      version: fc.constantFrom<unknown>(...VERSIONS, null),
      company: fc.oneof(
        fc.record({ plan: fc.constantFrom<unknown>('pro', 'free', 'x1', 'x2', 'x3', null) }, { requiredKeys: [] }),
        fc.constantFrom(null, 'pro'),
      ),
    },
    { requiredKeys: [] },
  )
  .map((members) => ({ ...members }));

/** As docs/importing.md says it: `id` is the targetingKey. */
export function ourContext({ id, ...others }: Attributes): EvaluationContext {
  return { ...(id !== undefined && { targetingKey: id }), ...others } as EvaluationContext;
}
