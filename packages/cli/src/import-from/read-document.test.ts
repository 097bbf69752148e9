import { describe, expect, it } from 'vitest';
import { SourceError } from './imported.ts';
import { readDocument, readText } from './read-document.ts';
import { SOURCE_NAMES, SOURCES } from './sources.ts';

const refusal = (read: () => unknown) => {
  try {
    return read();
  } catch (error) {
    return error instanceof SourceError ? error.message : error;
  }
};
const nested = (depth: number, open: string, close: string) => `${open.repeat(depth)}1${close.repeat(depth)}`;

describe('readDocument', () => {
  it('reads JSON and YAML, with a byte order mark or without', () => {
    for (const text of ['{"a": [1, {"b": "x"}]}', 'a: [1, {b: x}]', '\ufeff {"a": [1, {"b": "x"}]}', '\ufeffa: [1, {b: x}]'])
      expect(readDocument(text, 'FILE')).toEqual({ a: [1, { b: 'x' }] });
  });

  it('refuses an object that names a member twice, of which JSON keeps the last without a word', () => {
    expect(refusal(() => readDocument('{"flags": {"x/y": {}, "b": [0, {"c": 1, "c": 2}]}}', 'FILE'))).toBe(
      "FILE has 'c' twice in one object (/flags/b/1/c): keep one of them.",
    );
    // However it is written.
    expect(refusal(() => readDocument('{"flags": {"a": {"x": "{"}, "\\u0061" : {}}}', 'FILE'))).toBe(
      "FILE has 'a' twice in one object (/flags/a): keep one of them.",
    );
    expect(refusal(() => readDocument('flags:\n  a: 1\n  a: 2\n', 'FILE'))).toMatch(/^FILE is no YAML: Map keys must be unique/);
    expect(readDocument('{"a": {"b": "b"}, "b": ["a", "a", ":"], "c": {"b": "\\"c\\":"}}', 'FILE')).toMatchObject({
      b: ['a', 'a', ':'],
    });
  });

  it('refuses what is nested so deep that nothing could walk it', () => {
    const sentence = 'FILE is nested more than 300 deep: is it the file that was meant?';
    expect(refusal(() => readDocument(`{"flags": ${nested(100_000, '[', ']')}}`, 'FILE'))).toBe(sentence);
    expect(refusal(() => readDocument(`{"flags": ${nested(300, '{"!":', '}')}}`, 'FILE'))).toBe(sentence);
    expect(refusal(() => readDocument(`flags: ${nested(20_000, '[', ']')}`, 'FILE'))).toMatch(/^FILE /);
  });

  it('merges what YAML merges, as flagd does, and refuses aliases without end', () => {
    expect(readDocument('base: &base {state: ENABLED}\nflags: {a: {<<: *base, b: 1}}', 'FILE')).toMatchObject({
      flags: { a: { state: 'ENABLED', b: 1 } },
    });
    const laughs = Array.from({ length: 9 }, (_, index) => `a${index + 1}: &a${index + 1} [${`*a${index},`.repeat(9)}]`);
    expect(refusal(() => readDocument(['a0: &a0 [x]', ...laughs].join('\n'), 'FILE'))).toMatch(
      /^FILE is no YAML: Excessive alias/,
    );
  });

  it.each(SOURCE_NAMES)('leaves nothing so deep that the source of %s breaks down on it', (name) => {
    const deep = nested(290, '{"$not":', '}');
    const documents = [
      `{"flags": {"f": {"state": "ENABLED", "variants": {"a": "a"}, "targeting": ${deep.replaceAll('$not', '!')}}}}`,
      `{"features": [{"name": "f", "strategies": [{"name": "default", "constraints": ${deep}}]}]}`,
      `{"flags": {"f": {"on": true, "variations": [${deep}, ${deep}], "fallthrough": {"variation": 0}}}}`,
      `{"features": {"f": {"defaultValue": true, "rules": [{"condition": ${deep}, "force": false}]}}}`,
    ];
    for (const document of documents)
      expect(refusal(() => SOURCES[name]?.(document, { file: 'FILE', nowMs: 0 }))).not.toBeInstanceOf(Error);
  });
});

describe('readText', () => {
  it('takes UTF-8, and nothing whose letters would be others', () => {
    expect(readText(Buffer.from('\ufeff{"é": "ü"}'), 'FILE')).toBe('{"é": "ü"}');
    for (const encoding of ['latin1', 'utf16le'] as const)
      expect(refusal(() => readText(Buffer.from('\ufeff{"é": "ü"}', encoding), 'FILE'))).toBe(
        'FILE is no UTF-8 text, so that letters beyond ASCII would be lost: save it as UTF-8.',
      );
  });
});
