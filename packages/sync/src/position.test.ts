import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareEpochs, compareStates, parseState, ruleSetEtag, stateText } from './position.ts';

const anyEpoch = fc.oneof(
  fc.tuple(fc.nat(), fc.string({ minLength: 1 })).map(([ms, random]) => `${ms}-${random}`),
  fc.string({ minLength: 1 }),
);

describe('order of states (I2)', () => {
  it('puts epochs in the order of their milliseconds, not of their text', () => {
    expect(compareEpochs('999-z', '1000-a')).toBeLessThan(0);
    expect(compareEpochs('1000-b', '1000-a')).toBeGreaterThan(0);
    expect(compareEpochs('1000-a', '1000-a')).toBe(0);
  });

  it('puts every revision of a newer epoch after every revision of an older one', () => {
    expect(compareStates({ epoch: '2000-a', revision: 1 }, { epoch: '1000-a', revision: 900 })).toBeGreaterThan(0);
    expect(compareStates({ epoch: '1000-a', revision: 2 }, { epoch: '1000-a', revision: 10 })).toBeLessThan(0);
  });

  it('is a total order on any text', () => {
    fc.assert(
      fc.property(anyEpoch, anyEpoch, anyEpoch, (a, b, c) => {
        expect(Math.sign(compareEpochs(a, b))).toBe(-Math.sign(compareEpochs(b, a)) || 0);
        if (compareEpochs(a, b) <= 0 && compareEpochs(b, c) <= 0) expect(compareEpochs(a, c)).toBeLessThanOrEqual(0);
        expect(compareEpochs(a, b) === 0).toBe(a === b);
      }),
    );
  });
});

describe('Yardarm-State header', () => {
  it('reads back what it writes', () => {
    const state = { epoch: '1795244702101-9c0f', revision: 812, digest: '00000abcffffffff' };
    expect(stateText(state)).toBe('1795244702101-9c0f.812.00000abcffffffff');
    expect(parseState(stateText(state))).toEqual(state);
  });

  it('is undefined when absent or malformed', () => {
    for (const text of [null, undefined, '', 'a.b.c', '1-a.12', '1-a.-1.00000abcffffffff'])
      expect(parseState(text)).toBeUndefined();
  });
});

it('an ETag names digest, view and format, and is weak', () => {
  expect(ruleSetEtag('00000abcffffffff', 'client')).toBe('W/"00000abcffffffff.client.1"');
});
