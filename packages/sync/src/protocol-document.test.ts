import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const rows = [...read('docs/protocol.md').matchAll(/^\| (I\d+) \|.*\| `([^`]+)`: (.+) \|$/gm)].map(([, id, path, title]) => ({
  id,
  path,
  title,
}));

describe('docs/protocol.md', () => {
  it('numbers its invariants without gaps', () => {
    expect(rows.map(({ id }) => id)).toEqual(rows.map((_, index) => `I${index + 1}`));
    expect(rows.length).toBeGreaterThan(10);
  });

  it.each(rows)('shows $id by a test that exists', ({ path = '', title = '' }) => {
    expect(read(path)).toContain(`it('${title}'`);
  });

  it('has a row for every invariant that a test names', () => {
    const tests = readdirSync(new URL('.', import.meta.url)).filter((name) => name.endsWith('.test.ts'));
    const named = tests.flatMap((name) =>
      [...read(`packages/sync/src/${name}`).matchAll(/\((I\d+(?:, I\d+)*)\)'/g)].flatMap(([, ids = '']) => ids.split(', ')),
    );
    expect([...new Set(named)].filter((id) => !rows.some((row) => row.id === id))).toEqual([]);
    expect(rows.filter(({ id = '' }) => !named.includes(id))).toEqual([]);
  });
});
