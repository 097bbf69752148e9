import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addBody, digestText, emptyDigest, removeBody } from './digest.ts';

const anyBody = fc.record({ kind: fc.constantFrom('flag' as const, 'segment' as const), key: fc.string(), tag: fc.string() });

describe('digest (I1)', () => {
  it('does not depend on the order in which bodies are added', () => {
    const shuffled = fc
      .array(anyBody)
      .chain((bodies) => fc.tuple(fc.constant(bodies), fc.shuffledSubarray(bodies, { minLength: bodies.length })));
    fc.assert(
      fc.property(shuffled, ([bodies, others]) => {
        const sum = (list: typeof bodies) =>
          list.reduce((digest, { kind, key, tag }) => addBody(digest, kind, key, tag), emptyDigest);
        expect(digestText(sum(bodies))).toBe(digestText(sum(others)));
      }),
    );
  });

  it('is what it was before a body came and went', () => {
    fc.assert(
      fc.property(anyBody, anyBody, (kept, { kind, key, tag }) => {
        const before = addBody(emptyDigest, kept.kind, kept.key, kept.tag);
        expect(removeBody(addBody(before, kind, key, tag), kind, key, tag)).toEqual(before);
      }),
    );
  });

  it('tells kinds, keys and tags apart', () => {
    const texts = [
      addBody(emptyDigest, 'flag', 'a', '1'),
      addBody(emptyDigest, 'segment', 'a', '1'),
      addBody(emptyDigest, 'flag', 'b', '1'),
      addBody(emptyDigest, 'flag', 'a', '2'),
      emptyDigest,
    ].map(digestText);
    expect(new Set(texts).size).toBe(5);
  });

  it('is written as 16 hex digits, the sum with seed 0 first', () => {
    expect(digestText(emptyDigest)).toBe('0000000000000000');
    expect(digestText({ first: 0xabc, second: 0xffffffff })).toBe('00000abcffffffff');
  });

  it('has this value for one flag, on every platform and in every version', () => {
    expect(digestText(addBody(emptyDigest, 'flag', 'new-checkout', '5ac05ac05ac05ac0'))).toMatchInlineSnapshot(
      `"9a19633f6c407ada"`,
    );
  });
});
