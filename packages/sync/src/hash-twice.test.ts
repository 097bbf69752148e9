import { murmur3 } from '@yardarm/evaluator';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hashTwice } from './hash-twice.ts';

it('gives the hashes of the evaluator with seeds 0 and 1, for any text', () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.string({ unit: 'binary-ascii', maxLength: 60 }));
  fc.assert(
    fc.property(text, (any) => {
      expect(hashTwice(any)).toEqual({ first: murmur3(any, 0), second: murmur3(any, 1) });
    }),
  );
});
