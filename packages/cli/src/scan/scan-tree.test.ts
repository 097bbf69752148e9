import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scanTree } from './scan-tree.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yardarm-scan-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function scan(files: Readonly<Record<string, string | Buffer>>, keys: readonly string[] = ['search']) {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  const { references, unknown, unparsed } = scanTree(folder, new Set(keys));
  const placed = (all: typeof references) => all.map(({ file, line, flag, idiom }) => `${file}:${line} ${flag} ${idiom}`);
  return { references: placed(references), unknown: placed(unknown), unparsed };
}

describe('scanTree', () => {
  it('finds a constant through an importer that only hands it on, and through a default export', () => {
    const { references } = scan({
      'keys.ts': "const SEARCH = 'search';\nexport default { SEARCH };\n",
      'index.ts': "import keys from './keys.ts';\nexport const FLAGS = keys;\n",
      'app.ts': "import { FLAGS } from './index.js';\nask(FLAGS.SEARCH);\n",
    });
    expect(references).toEqual(['app.ts:2 search key-object', 'keys.ts:1 search definition', 'keys.ts:2 search constant']);
  });

  it('is not misled by a name that another scope declares', () => {
    const { references } = scan({
      'a.ts':
        "const KEY = 'search';\nask(KEY);\nfunction f(KEY: string) {\n  ask(KEY);\n}\n{\n  const KEY = other();\n  ask(KEY);\n}\n",
    });
    expect(references).toEqual(['a.ts:1 search definition', 'a.ts:2 search constant']);
  });

  it('ends where modules import each other in a circle', () => {
    const { references } = scan({
      'a.ts': "import { B } from './b.ts';\nexport const A = B;\nask(A, 'search');\n",
      'b.ts': "import { A } from './a.ts';\nexport const B = A;\n",
    });
    expect(references).toEqual(['a.ts:3 search wrapper']);
  });

  it('takes no text for a reference that can evaluate nothing', () => {
    const { references } = scan({
      'a.tsx': [
        "import 'search';",
        "type Page = 'search' | 'basket';",
        "if (page === 'search') console.warn('search');",
        "const title = <h1 className=\"search\">{open ? 'search' : ''}</h1>;",
        "router.push({ path: 'search' });",
        "document.getElementById('search');",
        "const label = 'search';",
        'log.info(label);',
      ].join('\n'),
      'a.go': 'import "search"\n// "search"\nprintln("a search", `x`)\n',
      'a.py': '"""\n"search"\n"""\n# "search"\n',
    });
    expect(references).toEqual([]);
  });

  it('finds a quoted key within a longer text that may be code, and not within one for people', () => {
    const { references } = scan({
      'a.ts': [
        "@Component({ template: `<p *ngIf=\"isOn('search')\">it's</p>` })",
        'class A {}',
        `const page = html\`<p>\${title}</p>`,
        '  <p if="isOn(\'search\')">`;',
        `$\`flag "search"\`;`,
        `db.query('select 1 from flags where key = "search"' + more);`,
        String.raw`send("{\"flag\":\"search\"}");`,
        `throw new Error(\`There is no '\${key}', and no 'search'.\`);`,
        `console.log('no "search" for ' + name, "no 'search'");`,
        "type Quoted = `'search'`;",
        "// isOn('search')",
      ].join('\n'),
    });
    const quoted = (line: number) => `a.ts:${line} search quoted`;
    expect(references).toEqual([1, 4, 5, 6, 7].map(quoted));
  });

  it('finds a quoted key in a part that is only put into such a text sometimes', () => {
    const { references } = scan({
      'a.ts': [
        `db.query("select 1" + (all ? '' : " where key = 'search'"));`,
        `db.query(a + (b + "key = 'search'"));`,
        `db.query(\`select 1 \${more && "where key = 'search'"}\`);`,
        `const page = html\`<ul>\${wide ? \`<p if="isOn('search')">\` : ''}</ul>\`;`,
        `throw new Error('There is no flag' + (short ? '' : " 'search'"));`,
        `console.log(a + (b + "'search'"));`,
      ].join('\n'),
    });
    expect(references).toEqual([1, 2, 3, 4].map((line) => `a.ts:${line} search quoted`));
  });

  it('says where a quoted key stands in a template of several lines that end as on Windows', () => {
    const text = `\nask(\`\n  isOn('search')\`, \`'search'\n\${a}\n'search'\`);\n`;
    writeFileSync(join(folder, 'a.ts'), text.replaceAll('\n', '\r\n'));
    const { references } = scanTree(folder, new Set(['search']));
    expect(references.map(({ line, column }) => [line, column])).toEqual([
      [3, 8],
      [3, 21],
      [5, 1],
    ]);
  });

  it('ends with scripts that were made to hold it up', () => {
    const many = (count: number, line: (index: number) => string) =>
      Array.from({ length: count }, (_, index) => line(index)).join('');
    const { references, unparsed } = scan({
      'stars.ts': `${"export * from './stars.ts';\n".repeat(20)}import { gone } from './stars.ts';\nask(gone, 'search');\n`,
      'constants.ts': many(10_000, (index) => `const a${index} = 'search';log(a${index});\n`),
      'spaces.ts': `import${' '.repeat(200_000)}x`,
      'brackets.ts': `\nask('search', ${'['.repeat(100_000)}${']'.repeat(100_000)});`,
      'members.ts': `\nask('search')${'.a'.repeat(3_000)};`,
    });
    expect(references).toEqual(['brackets.ts:2 search quoted', 'members.ts:2 search quoted', 'stars.ts:22 search wrapper']);
    expect(unparsed).toEqual(['brackets.ts', 'members.ts']);
  });

  it('looks for quoted keys in JavaScript that is none, and says so', () => {
    const { references, unparsed } = scan({ 'flow.js': "// @flow\nconst a: Flag = ask('search');\n" });
    expect([references, unparsed]).toEqual([['flow.js:2 search quoted'], ['flow.js']]);
  });

  it('reads no binary file, and nothing that Yardarm wrote', () => {
    const { references } = scan({
      'a.bin': Buffer.from("\0'search'"),
      'flags.json': '{"version":1,"project":"shop","at":"2027-01-01T00:00:00.000Z","flags":["search"]}',
      'scan.json': '{"version":1,"scanner":"yardarm 0.1.0","references":["search"]}',
      'flags.ts':
        "// Made by `yardarm generate` from the flags of project shop.\nexport const FLAGS = { search: 'search' } as const;\n",
    });
    expect(references).toEqual([]);
  });

  it('names keys that calls ask for and nobody knows, in TypeScript through wrappers, and in other languages', () => {
    const { unknown } = scan({
      'on.ts': 'export const isOn = (user: User, key: string) => client.getBooleanValue(key, false, user);\n',
      'a.ts': "import { isOn } from './on.ts';\nisOn(me, 'serach');\nclient.getStringValue('search', '');\nuseFlag('gone', 1);\n",
      'sync.ts': "import { yardarm } from './yardarm.ts';\nyardarm.boolean('typo', false);\nz.string('no flag');\n",
      'a.go': 'on, _ := client.BooleanValue(ctx, "serach", false, user)\n',
      'a.py': 'client.get_string_value("serach", "")\n# client.get_string_value("commented", "")\n',
      'A.java': 'client.getBooleanValue("serach", false);\n',
      'A.cs': 'await client.GetBooleanValueAsync("serach", false);\n',
      'a.rb': 'client.fetch_boolean_value(flag_key: "serach", default_value: false)\n',
      'a.php': "<?php $client->getBooleanValue('serach', false);\n",
    });
    expect(unknown).toEqual([
      'A.cs:1 serach quoted',
      'A.java:1 serach quoted',
      'a.go:1 serach quoted',
      'a.php:1 serach quoted',
      'a.py:1 serach quoted',
      'a.rb:1 serach quoted',
      'a.ts:2 serach wrapper',
      'a.ts:4 gone hook',
      'sync.ts:2 typo literal',
    ]);
  });
});
