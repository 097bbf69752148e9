import { describe, expect, it } from 'vitest';
import { placeText } from './place-text.ts';

const place = (...path: string[]) => placeText({ path, kind: 'value' });

describe('placeText', () => {
  it('calls members what the pages call them, and leaves names of others alone', () => {
    expect([place('fallthrough'), place('include'), place('expiresOn'), place('variants', 'newCheckout')]).toEqual([
      'everybody else',
      'always in it',
      'expires on',
      'variants › newCheckout',
    ]);
  });

  it('says what is the whole, and what is an order', () => {
    expect(place()).toBe('everything');
    expect(placeText({ path: ['rules'], kind: 'order' })).toBe('rules, in order');
  });
});
