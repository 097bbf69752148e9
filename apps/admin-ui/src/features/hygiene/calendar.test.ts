import { expect, it } from 'vitest';
import { monthOf, shifted } from './calendar.ts';

it('has whole weeks from Monday on, and each flag on its day', () => {
  const flags = [{ expiresOn: '2027-03-01' }, { expiresOn: null }, { expiresOn: '2027-04-01' }, { expiresOn: '2028-03-01' }];
  const weeks = monthOf('2027-03', flags);
  expect(weeks.map((week) => week.length)).toEqual([7, 7, 7, 7, 7]);
  expect(weeks[0]?.[0]).toEqual({ day: '2027-03-01', isOfMonth: true, flags: [flags[0]] });
  expect(weeks[4]?.[3]).toEqual({ day: '2027-04-01', isOfMonth: false, flags: [flags[2]] });
});

it('has six weeks where a month begins on a Sunday', () => {
  expect(monthOf('2026-03', [])).toHaveLength(6);
  expect(monthOf('2026-03', [])[0]?.[6]?.day).toBe('2026-03-01');
});

it('goes over the end of a year', () => {
  expect([shifted('2027-12', 1), shifted('2027-01', -1)]).toEqual(['2028-01', '2026-12']);
});
