import type { CoverageSummary, LastEvaluations } from '@yardarm/contract';
import { describe, expect, it } from 'vitest';
import { coverageOfAll, coverageSentence, coverageWord, evaluatedByFlag, evaluatedIn } from './last-evaluated.ts';

const at = (seconds: number) => new Date(seconds * 1_000).toISOString();
const never = { ruleServedAt: null, defaultServedAt: null };
const last: LastEvaluations = {
  coverage: [],
  flags: [
    { flag: 'a', environment: 'staging', server: { ruleServedAt: at(90), defaultServedAt: null }, client: never },
    { flag: 'a', environment: 'production', server: { ruleServedAt: at(50), defaultServedAt: at(60) }, client: never },
    { flag: 'b', environment: 'production', server: never, client: { ruleServedAt: at(5), defaultServedAt: null } },
  ],
};

describe('evaluatedIn', () => {
  it('says when, and whether the code default answered last', () => {
    expect(evaluatedIn(last, 'a', 'production')).toMatchObject({ atMs: 60_000, byDefault: true, byBrowsersOnly: false });
    expect(evaluatedIn(last, 'a', 'staging')).toMatchObject({ atMs: 90_000, byDefault: false });
  });
  it('says where only browsers, whose word is forgeable, have reported', () => {
    expect(evaluatedIn(last, 'b', 'production')).toMatchObject({ atMs: 5_000, byBrowsersOnly: true });
  });
  it('is null for a flag that nobody has reported', () => {
    expect(evaluatedIn(last, 'c', 'production')).toBeNull();
  });
});

it('evaluatedByFlag tells of one environment, and of nothing that was not reported there', () => {
  expect([...evaluatedByFlag(last, 'staging').entries()]).toMatchObject([['a', { atMs: 90_000 }]]);
});

describe('coverageSentence', () => {
  const of = (reporting: number, silent: number, awaited = 5): CoverageSummary => ({
    environment: 'production',
    server: { reporting, silent, awaited },
    client: { reporting: 0, silent: 0, awaited: 0 },
  });
  it.each([
    [17, 1, '94 % of connected instances report'],
    [999, 1, '99 % of connected instances report'],
    [1, 999, '1 % of connected instances report'],
    [3, 0, '100 % of connected instances report'],
    [0, 3, '0 % of connected instances report'],
    [0, 0, 'the connected instances have not had time to report'],
  ])('for %i that report and %i that do not', (reporting, silent, sentence) => {
    expect(coverageSentence(of(reporting, silent))).toBe(sentence);
  });
  it('is of all environments together where a last evaluation is', () => {
    expect(coverageWord(coverageOfAll([of(17, 0), of(0, 1), of(0, 0, 0)]))).toBe('94 % report');
    expect(coverageWord(coverageOfAll([]))).toBe('nobody connected');
  });
  it('is short in the list', () => {
    expect([of(17, 1), of(0, 0), of(0, 0, 0), undefined].map(coverageWord)).toEqual([
      ...['94 % report', 'too new to tell', 'nobody connected', 'nobody connected'],
    ]);
    expect(coverageSentence(of(0, 0, 0))).toBe('no instance is connected');
  });
});
