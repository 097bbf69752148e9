/** Generators of histories for property tests. */
import fc from 'fast-check';
import type { Edit } from './model.ts';

const flagKey = fc.constantFrom('a', 'b', 'c', '__proto__');
const segmentKey = fc.constantFrom('s', 't');

export const anyEdit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record(
    {
      kind: fc.constant('flag' as const),
      key: fc.constantFrom('a', 'b', 'c'),
      on: fc.boolean(),
      value: fc.constantFrom('red', 'green', 'blue'),
      segment: segmentKey,
    },
    { requiredKeys: ['kind', 'key', 'on', 'value'] },
  ),
  fc.record({ kind: fc.constant('segment' as const), key: segmentKey, include: fc.constantFrom('user-1', 'user-2') }),
  fc.record({ kind: fc.constant('remove' as const), of: fc.constant('flag' as const), key: flagKey }),
  fc.record({ kind: fc.constant('remove' as const), of: fc.constant('segment' as const), key: segmentKey }),
  fc.constant({ kind: 'elsewhere' as const }),
);

export const anyHistory = fc.array(anyEdit, { minLength: 1, maxLength: 12 });
