import { expect, it } from 'vitest';
import { readReport } from './read-report.ts';

it('cuts a count that is too large, and takes the others of its report', () => {
  const count = { flag: 'a', variant: 'on', reason: 'STATIC', defaultServed: false, defaultHash: 'd' };
  const counts = [
    { ...count, n: 5_000_000_000 },
    { ...count, flag: 'b', n: 3 },
  ];
  const report = { instance: 'i', seq: 1, from: 0, to: 1, counts, lost: 0 };
  expect(readReport(report).counts.map(({ n }) => n)).toEqual([1_000_000_000, 3]);
});
