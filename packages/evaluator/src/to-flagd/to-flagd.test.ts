import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flagdContext, flagdRuleSet } from '../testing/flagd-arbitraries.ts';
import { compareWithFlagd } from '../testing/flagd-oracle.ts';

describe('toFlagd', () => {
  it('slice', () => {
    let flags = 0,
      portable = 0,
      ev = 0,
      wv = 0;
    const codes: Record<string, number> = {};
    fc.assert(
      fc.property(
        flagdRuleSet,
        fc.array(flagdContext, { minLength: 10, maxLength: 10 }),
        fc.constantFrom(0, 999, 1000, 1999, 2000),
        (rs, ctxs, now) => {
          const c = compareWithFlagd(rs, ctxs, now);
          flags += Object.keys(rs.flags).length;
          portable += Object.keys(c.exported.flags).length;
          ev += c.evaluations;
          wv += c.withVariant;
          for (const o of Object.values(c.exported.obstacles)) for (const { code } of o) codes[code] = (codes[code] ?? 0) + 1;
          expect(c.differences).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
    console.log(flags, portable, ev, wv, codes);
  });
});
