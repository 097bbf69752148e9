import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jsonValue } from './json-value.ts';

it('takes any JSON as it is', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(jsonValue.parse(value)).toEqual(value);
    }),
  );
});

it.each([
  ['nothing', undefined],
  ['a number that is infinite', Number.POSITIVE_INFINITY],
  ['a list of what is no number', { a: [Number.NaN] }],
  ['a member without a value', { a: undefined }],
  ['a function', () => 1],
])('refuses %s, which has no JSON text', (_, value) => {
  expect(jsonValue.safeParse(value).success).toBe(false);
});
