import { expect, test } from 'vitest';
import { hasLines, readVariants, toVariantFields } from './variant-values.ts';

test('a text with breaks keeps them, and is edited in several lines as a JSON value is', () => {
  const flag = { type: 'string', variants: { terms: 'one\ntwo', short: 'one' } } as const;
  const fields = toVariantFields(flag);
  expect(fields.map(({ value }) => hasLines(flag.type, value))).toEqual([true, false]);
  expect(readVariants(fields, flag.type)).toEqual({ variants: flag.variants });
  expect(hasLines('object', '{}')).toBe(true);
});
