import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

/** The same value with the members of every object in reverse order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, member]) => [name, reversed(member)] as const);
  return Object.fromEntries(entries.reverse());
}

describe('canonicalJson', () => {
  test('reads back as the value it was made of', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('is the same text whatever the order of members', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
      }),
    );
  });

  test('sorts members at every depth and writes no white space', () => {
    expect(canonicalJson({ b: [{ d: 1, c: null }], a: 'é', B: true })).toBe('{"B":true,"a":"é","b":[{"c":null,"d":1}]}');
  });

  test('leaves out undefined members', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, undefined, () => 1, 1n])('refuses %s instead of writing null', (value) => {
    expect(() => canonicalJson([value])).toThrow(TypeError);
  });
});
