import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { depthOf, parseJson } from './json-body.ts';

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

describe('parseJson', () => {
  const refusalOf = (text: string) => {
    try {
      parseJson(text);
    } catch (error) {
      if (error instanceof AppError) return { message: error.message, paths: error.details.map(({ path }) => path) };
      throw error;
    }
    return null;
  };

  it('gives whatever JSON.stringify wrote, also behind a byte order mark', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(!/prototype|__proto__/.test(JSON.stringify(value)));
        expect(parseJson(`\uFEFF${JSON.stringify(value)}`)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it.each(['{"a":1,}', '{"a"', 'nope', '[1', "{'a':1}", '{"a":"x\ny"}'])('says of %j that it is not valid JSON', (text) => {
    expect(refusalOf(text)?.message).toMatch(/^The body is not valid JSON(, at line \d+, column \d+)?\.$/);
  });

  it.each([
    ['{"__proto__":null}', '__proto__'],
    ['{"a":{"b c":[0,{"__proto__":1}]}}', 'a["b c"][1].__proto__'],
    ['{"constructor":{"prototype":1}}', 'constructor.prototype'],
  ])('prototype pollution: names the member of %s that JavaScript would take for a prototype', (text, path) => {
    expect(refusalOf(text)).toEqual({ message: expect.stringContaining(path), paths: [path] });
  });

  it.each(['{"constructor":"Ferrari"}', '{"a":"__proto__","prototype":1}', '["__proto__"]'])('lets %s pass', (text) => {
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });
});
