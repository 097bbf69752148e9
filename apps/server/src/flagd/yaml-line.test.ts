import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { toYamlLine } from './yaml-line.ts';

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

it('is a member of the mapping above it, whatever it holds, for readers of either version', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ maxLength: 50 }), value, { minKeys: 1, noNullPrototype: true }), (mapping) => {
      const lines = Object.entries(mapping).map(([key, member]) => `${JSON.stringify(key)}: ${JSON.stringify(member)}`);
      const document = `flags:${lines.map(toYamlLine).join('')}\n`;
      const expected = { flags: JSON.parse(JSON.stringify(mapping)) };
      expect(parse(document)).toEqual(expected);
      expect(parse(document, { version: '1.1' })).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

it('escapes what older readers take for the end of a line', () => {
  expect(toYamlLine('"a": "x\u2028y\u0085z"')).toBe('\n  "a": "x\\u2028y\\u0085z"');
});
