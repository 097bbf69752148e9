import { describe, expect, test } from 'vitest';
import { daysUntil, describeEnd, toDuration, toExactTime, toRelativeTime } from './time.ts';

const now = Date.UTC(2027, 2, 10, 12);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('toRelativeTime', () => {
  test.each([
    [-HOUR, 'just now'],
    [44_999, 'just now'],
    [45_000, '1 min ago'],
    [90_000, '2 min ago'],
    [HOUR, '1 h ago'],
    [23 * HOUR, '23 h ago'],
    [24 * HOUR, 'yesterday'],
    [48 * HOUR, '2 days ago'],
  ])('%i ms ago reads %j', (agoMs, words) => {
    expect(toRelativeTime(now - agoMs, now)).toBe(words);
  });

  test('names the day after a month', () => {
    expect(toRelativeTime(now - 40 * 24 * HOUR, now)).toBe('29 Jan 2027');
  });
});

test.each([
  [0.2, '1 ms'],
  [18.4, '18 ms'],
  [1_240, '1.2 s'],
  [120_000, '2 min'],
])('%d ms last %j', (durationMs, words) => {
  expect(toDuration(durationMs)).toBe(words);
});

test('an end is told with its hour, and whether it has come', () => {
  const end = new Date(2027, 2, 10, 14, 5).getTime();
  expect(describeEnd(end, end - 1)).toMatch(/^ends 10 Mar 2027, 14:05 \S+$/);
  expect(describeEnd(end, end)).toMatch(/^ended 10 Mar 2027, 14:05 \S+$/);
});

test('days are counted by the calendar, not by 24 hours', () => {
  expect(daysUntil('2027-03-11', new Date(2027, 2, 10, 23, 59).getTime())).toBe(1);
  expect(daysUntil('2027-03-10', new Date(2027, 2, 10, 0, 1).getTime())).toBe(0);
});

describe('toExactTime', () => {
  test('names the time zone', () => {
    expect(toExactTime(Date.UTC(2027, 2, 3, 14, 5, 9))).toMatch(/^[34] Mar 2027, \d\d:\d\d:09 \S+$/);
  });

  test('says of a moment that is no date how far away it is: a rule may name one, and its page has to open', () => {
    expect(toExactTime(9_007_199_254_740_991)).toBe('9007199254740991 ms since 1970');
  });
});
