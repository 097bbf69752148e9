import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { toYaml } from './yaml.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc
    .array(fc.constantFrom('a', ' ', '\n', '\r', '\t', '\u2028', '\u0085', ':', '#', '-', "'", '"', '|', '>'), { maxLength: 120 })
    .map((parts) => parts.join('')),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('any')),
    fc.dictionary(text, tie('any')),
  ),
})).any;

it('writes the members of a mapping below another, whatever they are', () => {
  fc.assert(
    fc.property(fc.dictionary(text, value, { minKeys: 1, noNullPrototype: true }), (mapping) => {
      expect(parse(`flags:\n${toYaml(mapping)}`)).toEqual({ flags: JSON.parse(JSON.stringify(mapping)) });
    }),
    { numRuns: 300 },
  );
});
