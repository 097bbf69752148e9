import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { renderBody, storedTextOf } from '../ruleset/build.ts';
import { checksumLine, parseSnapshot, type Snapshot, snapshotLines } from './snapshot-text.ts';

const KEYS: Snapshot = {
  kind: 'keys',
  instanceId: 'one',
  keys: new Map([
    [
      'hash',
      { id: 'id', environmentId: 'environment', kind: 'client', allowedOrigins: ['https://a.example'], expiresAtMs: null },
    ],
  ]),
};
const ENVIRONMENT: Snapshot = {
  kind: 'environment',
  instanceId: 'one',
  environmentId: 'environment',
  project: 'shop',
  environment: 'production',
  epoch: '1-a',
  revision: 7,
  committedAtMs: 5,
  objects: [{ revision: 3, kind: 'flag', key: 'a', body: '{"on":true,"text":"line\\nend"}', tag: 't' }],
};

const write = (lines: Iterable<string>) => {
  const content = [...lines].map((line) => `${line}\n`).join('');
  return content + checksumLine(createHash('sha256').update(content).digest('hex'));
};

describe('a snapshot', () => {
  test.each([KEYS, ENVIRONMENT, { ...ENVIRONMENT, objects: [] }])('reads as it was written', (snapshot) => {
    expect(parseSnapshot(write(snapshotLines(snapshot)))).toEqual(snapshot);
  });

  test('that lost or gained a character anywhere is not used', () => {
    const text = write(snapshotLines(ENVIRONMENT));
    for (let at = 0; at < text.length - 1; at++) {
      expect(parseSnapshot(text.slice(0, at) + text.slice(at + 1))).toMatchObject({ kind: 'unusable' });
      expect(parseSnapshot(`${text.slice(0, at)}~${text.slice(at + 1)}`)).toMatchObject({ kind: 'unusable' });
    }
    for (const none of ['', '\n', 'null\n', '{}\n']) expect(parseSnapshot(none)).toMatchObject({ kind: 'unusable' });
  });

  test('of a newer format is named as such', () => {
    const [header = '', ...lines] = snapshotLines(ENVIRONMENT);
    const newer = write([header.replace('"format":1', '"format":2'), ...lines]);
    expect(parseSnapshot(newer)).toEqual({ kind: 'unusable', why: 'has format 2, which this version does not read' });
  });
});

describe('storedTextOf', () => {
  test.each(['{}', '{"on":true}', '{"text":"a,"}'])('undoes renderBody for %s', (stored) => {
    expect(storedTextOf({ text: renderBody(stored, 12, 'tag'), revision: 12, tag: 'tag' })).toBe(stored);
  });
});
