import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jsonValue } from './json-value.ts';

it('takes any JSON as it is', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => expect(jsonValue.parse(value)).toEqual(value)));
});

it.each([[undefined], [Number.POSITIVE_INFINITY], [{ a: [Number.NaN] }], [{ a: undefined }], [[() => 1]]])(
  'refuses %j, which has no JSON text',
  (value) => {
    expect(jsonValue.safeParse(value).success).toBe(false);
  },
);
