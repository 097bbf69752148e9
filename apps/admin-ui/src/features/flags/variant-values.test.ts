import { expect, test } from 'vitest';
import { readVariants, toVariantFields } from './variant-values.ts';

test('a text with breaks keeps them', () => {
  const flag = { type: 'string', variants: { terms: 'one\ntwo', short: 'one' } } as const;
  expect(readVariants(toVariantFields(flag), flag.type)).toEqual({ variants: flag.variants });
});
