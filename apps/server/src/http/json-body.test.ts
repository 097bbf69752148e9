import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { depthOf } from './json-body.ts';

function depthOfValue(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOfValue));
}

describe('depthOf', () => {
  it('is the depth of the parsed value, whatever its strings hold', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => depthOf(JSON.stringify(value)) === depthOfValue(value)));
  });

  it.each([
    ['"[[["', 0],
    ['{"a\\"[":[]}', 2],
    ['[['.repeat(1_000), 2_000],
  ])('of %s is %i', (text, depth) => {
    expect(depthOf(text)).toBe(depth);
  });
});
