import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const rows = [...read('docs/protocol.md').matchAll(/^\| (I\d+) \|.*\| (`[^|]+`: [^|]+) \|$/gm)].map(
  ([, id = '', shown = '']) => ({
    id,
    tests: shown.split('; `').map((test) => {
      const [path = '', ...title] = test.replaceAll('`', '').split(': ');
      return { path, title: title.join(': ') };
    }),
  }),
);

describe('docs/protocol.md', () => {
  it('numbers its invariants without gaps', () => {
    expect(rows.map(({ id }) => id)).toEqual(rows.map((_, index) => `I${index + 1}`));
    expect(rows.length).toBeGreaterThan(10);
  });

  it.each(rows.flatMap(({ id, tests }) => tests.map((test) => ({ id, ...test }))))(
    'shows $id by a test that exists: $title',
    ({ path, title }) => {
      expect(read(path)).toContain(`it('${title}'`);
    },
  );

  it('has a row for every invariant that a test names, in whichever package', () => {
    const folders = ['packages', 'apps', 'e2e'].flatMap((folder) =>
      readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`),
    );
    const tests = folders.filter((path) => path.endsWith('.test.ts') && !/node_modules|\/dist\//.test(path));
    const named = tests.flatMap((path) =>
      [...read(path).matchAll(/\((I\d+(?:, I\d+)*)\)'/g)].flatMap(([, ids = '']) => ids.split(', ')),
    );
    expect([...new Set(named)].filter((id) => !rows.some((row) => row.id === id))).toEqual([]);
    expect(rows.filter(({ id }) => !named.includes(id))).toEqual([]);
  });
});
