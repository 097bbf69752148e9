import { expect, it } from 'vitest';
import { nearestKey } from './nearest-key.ts';

const KEYS = ['banner-text', 'new-checkout', 'new-search'];

it.each([
  ['new-chekout', 'new-checkout'],
  ['newCheckout', 'new-checkout'],
  ['NEW_SEARCH', 'new-search'],
  ['baner-text', 'banner-text'],
  ['something-else', null],
  ['x', null],
])('takes %s for %s', (wrong, meant) => {
  expect(nearestKey(wrong, KEYS)).toBe(meant);
});
