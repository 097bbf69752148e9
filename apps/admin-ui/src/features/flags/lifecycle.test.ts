import { describe, expect, test } from 'vitest';
import { expirySentence, lifecycleOf } from './lifecycle.ts';

const now = new Date(2027, 2, 10, 23, 30).getTime();

describe('lifecycleOf', () => {
  test.each([
    ['2027-03-09', 'expired'],
    ['2027-03-10', 'expiring'],
    ['2027-03-11', 'expiring'],
    ['2027-03-24', 'expiring'],
    ['2027-03-25', 'active'],
    [null, 'active'],
  ])('an expiry of %s is %s on 10 March', (expiresOn, expected) => {
    expect(lifecycleOf({ expiresOn }, now)).toBe(expected);
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
