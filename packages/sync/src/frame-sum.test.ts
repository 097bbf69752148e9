import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isIntact, withSum } from './frame-sum.ts';

const anyObject = fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }).map((object) => JSON.stringify(object));

describe('a sum over the text of a frame', () => {
  it('is its last member and changes no other', () => {
    fc.assert(
      fc.property(anyObject, (text) => {
        expect(JSON.parse(withSum(text))).toEqual({ ...JSON.parse(text), sum: expect.stringMatching(/^[0-9a-f]{16}$/) });
      }),
    );
    expect(withSum('{"a":1}')).toMatch(/^\{"a":1,"sum":"[0-9a-f]{16}"\}$/);
  });

  it('fits what was sent, and no text in which one character became another', () => {
    fc.assert(
      fc.property(anyObject, fc.nat(), fc.integer({ min: 1, max: 127 }), (text, at, change) => {
        const sent = withSum(text);
        expect(isIntact(sent)).toBe(true);
        // Damage to the name of the member itself may leave a frame without a sum, and everything else as it was.
        const index = at % (text.length - 1);
        const damaged = sent.slice(0, index) + String.fromCharCode(sent.charCodeAt(index) ^ change) + sent.slice(index + 1);
        expect(isIntact(damaged)).toBe(false);
      }),
    );
  });

  it('may be missing', () => {
    const beat = '{"type":"beat","epoch":"1-a","revision":7,"digest":"0123456789abcdef"}';
    for (const text of ['{"a":1}', '{}', '', 'x', beat]) expect(isIntact(text)).toBe(true);
  });
});
