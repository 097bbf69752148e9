import { describe, expect, test } from 'vitest';
import { expirySentence, lifecycleSentence } from './lifecycle.ts';

const now = new Date(2027, 2, 10, 23, 30).getTime();

describe('lifecycleSentence', () => {
  test.each([
    ['ready_to_remove', 'ready to remove'],
    ['stale', 'stale'],
    ['expiring', 'expires tomorrow'],
  ] as const)('of a flag that is %s reads %j', (lifecycle, expected) => {
    expect(lifecycleSentence({ expiresOn: '2027-03-11', lifecycle }, now)).toBe(expected);
  });
});

describe('expirySentence', () => {
  test.each([
    ['2027-03-08', 'expired 2 days ago'],
    ['2027-03-09', 'expired yesterday'],
    ['2027-03-10', 'expires today'],
    ['2027-03-11', 'expires tomorrow'],
    ['2027-05-10', 'expires in 61 days'],
    [null, 'no expiry'],
  ])('an expiry of %s reads %j', (expiresOn, expected) => {
    expect(expirySentence({ expiresOn }, now)).toBe(expected);
  });
});
