import { describe, expect, it } from 'vitest';
import { nextHeld } from './use-held.ts';

describe('nextHeld', () => {
  it('keeps the first value, whatever comes later under the same key', () => {
    const held = { key: 'a', value: 1 };
    expect(nextHeld(held, { key: 'a', value: 2 })).toBe(held);
    expect(nextHeld(held, { key: 'a', value: undefined })).toBe(held);
  });

  it('takes what comes first', () => {
    const waiting = { key: 'a', value: undefined };
    expect(nextHeld(waiting, { key: 'a', value: undefined })).toBe(waiting);
    expect(nextHeld(waiting, { key: 'a', value: 1 })).toEqual({ key: 'a', value: 1 });
  });

  it('takes the value of another key, even where that has none yet', () => {
    expect(nextHeld({ key: 'a', value: 1 }, { key: 'b', value: 2 })).toEqual({ key: 'b', value: 2 });
    expect(nextHeld({ key: 'a', value: 1 }, { key: 'b', value: undefined })).toEqual({ key: 'b', value: undefined });
  });
});
