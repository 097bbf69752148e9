import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readIfMatch, requireVersion, toEntityTag } from './entity-tag.ts';

describe('readIfMatch', () => {
  it('reads back every version that an ETag names', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (version) => readIfMatch(toEntityTag(version)) === version));
  });

  it.each(['', '*', 'v1', '"1"', 'W/"v1"', '"v1", "v2"', '"v01"', '"v99999999999"'])('refuses %s', (header) => {
    expect(() => readIfMatch(header)).toThrow(expect.objectContaining({ code: 'validation_failed' }));
  });

  it('asks for one that is missing', () => {
    expect(() => readIfMatch(undefined)).toThrow(expect.objectContaining({ code: 'precondition_required' }));
  });
});

describe('requireVersion', () => {
  it('shows the entity as it stands when the version is stale', () => {
    const current = { version: 3, on: true };
    expect(() => requireVersion(2, current, "Flag 'a'")).toThrow(
      expect.objectContaining({ code: 'stale_version', details: [expect.objectContaining({ current })] }),
    );
    expect(() => requireVersion(3, current, "Flag 'a'")).not.toThrow();
  });
});
