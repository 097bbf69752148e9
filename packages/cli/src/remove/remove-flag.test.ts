import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderFlagsModule } from '../flags-module.ts';
import { type Removal, removeFlag } from './remove-flag.ts';
import { ANSWERS, SHAPES, SHARED } from './testing/shapes.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const LINKS = {
  '@openfeature/server-sdk': 'packages/sdk-node/node_modules/@openfeature/server-sdk',
  '@openfeature/web-sdk': 'packages/sdk-browser/node_modules/@openfeature/web-sdk',
  react: 'examples/react/node_modules/react',
  'react-dom': 'examples/react/node_modules/react-dom',
  '@types/react': 'examples/react/node_modules/@types/react',
  '@types/react-dom': 'examples/react/node_modules/@types/react-dom',
};
/** The repository's own tests: every shape, with both flags served by OpenFeature's provider in memory. */
const TESTS = `import { InMemoryProvider as Server, OpenFeature as ServerApi } from '@openfeature/server-sdk';
import { InMemoryProvider as Web, OpenFeature as WebApi } from '@openfeature/web-sdk';
const flags = {
  'new-checkout': { variants: { on: true, off: false }, defaultVariant: 'on', disabled: false },
  'button-colour': { variants: { red: 'red', blue: 'blue' }, defaultVariant: 'blue', disabled: false },
};
await ServerApi.setProviderAndWait(new Server(flags));
await WebApi.setProviderAndWait(new Web(flags));
const answers = {};
for (const name of process.argv.slice(2)) answers[name] = await (await import('./out/' + name + '.js')).run();
console.log(JSON.stringify(answers));
`;

let folder: string;
let first: Removal;
let second: Removal;
let before: unknown;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yardarm-remove-'));
  for (const [name, target] of Object.entries(LINKS)) {
    await mkdir(join(folder, 'node_modules', name, '..'), { recursive: true });
    await symlink(join(root, target), join(folder, 'node_modules', name));
  }
  const flag = { kind: 'release', description: '', offVariants: [] } as const;
  const flags = renderFlagsModule('shop', [
    { key: 'button-colour', type: 'string', variants: { red: 'red', blue: 'blue' }, ...flag },
    { key: 'new-checkout', type: 'boolean', variants: { on: true, off: false }, ...flag },
  ]);
  const files = {
    'package.json': '{ "type": "module" }',
    '.gitignore': 'out\nnode_modules\n',
    'test.mjs': TESTS,
    'flags.ts': flags,
    ...SHARED,
  };
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
  for (const { name, text } of SHAPES) await writeFile(join(folder, fileOf(name, text)), text);
  before = await typeCheckAndTest();
  first = await write(removeFlag(folder, 'new-checkout', true));
  second = await write(removeFlag(folder, 'button-colour', 'blue'));
  // Two compilers and two runs of Node beside everything else.
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const fileOf = (name: string, text: string) => `${name}.${text.includes('</') ? 'tsx' : 'ts'}`;

async function write(removal: Removal): Promise<Removal> {
  for (const { file, after } of removal.files) await writeFile(join(folder, file), after);
  return removal;
}

/** What each shape answers; fails with what the compiler says. Unused names are errors: what only a dead branch used has to go. */
async function typeCheckAndTest(): Promise<unknown> {
  const strict = [
    '--strict',
    '--noUnusedLocals',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--jsx',
    'react-jsx',
  ];
  const files = [...Object.keys(SHARED), 'flags.ts', ...SHAPES.map(({ name, text }) => fileOf(name, text))];
  const lib = ['--lib', 'es2023,dom', '--types', 'react', '--outDir', 'out', '--pretty', 'false'];
  await runNode([join(root, 'node_modules/typescript/bin/tsc'), ...strict, ...lib, ...files]);
  return JSON.parse(await runNode(['test.mjs', ...SHAPES.map(({ name }) => name)]));
}

function runNode(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...args], { cwd: folder }, (error, stdout, stderr) =>
      error === null ? resolve(stdout) : reject(new Error(`${stdout}${stderr}`)),
    );
  });
}

describe('a repository with many shapes of calls', () => {
  it('type-checks and answers the same after both flags are removed', async () => {
    expect(before).toEqual(ANSWERS);
    expect(await typeCheckAndTest()).toEqual(ANSWERS);
  });

  it.each(SHAPES.filter(({ refused }) => refused === undefined))('is rewritten in the shape $name', async ({ name, text }) => {
    const after = await readFile(join(folder, fileOf(name, text)), 'utf8');
    expect(after).not.toMatch(/new-checkout|button-colour|newCheckout|__yardarm/);
    expect(after).toMatchSnapshot();
  });

  it.each(SHAPES.filter(({ refused }) => refused !== undefined))(
    'is left in the shape $name, with the reason',
    async ({ name, text, refused }) => {
      expect(await readFile(join(folder, fileOf(name, text)), 'utf8')).toBe(text);
      expect(first.refusals.filter(({ file }) => file === fileOf(name, text))).toEqual([
        expect.objectContaining({ reason: expect.stringContaining(refused ?? '') }),
      ]);
    },
  );

  it('has at least 24 of 30 shapes rewritten, and every other one refused', () => {
    const files = new Set(SHAPES.map(({ name, text }) => fileOf(name, text)));
    const refused = [...first.refusals, ...second.refusals].filter(({ file }) => files.has(file));
    const rewritten = new Set([...first.files, ...second.files].map(({ file }) => file).filter((file) => files.has(file)));
    expect(rewritten.size + refused.length).toBe(SHAPES.length);
    expect(rewritten.size / SHAPES.length).toBeGreaterThanOrEqual(24 / 30);
    if (process.env.REMOVE_TABLE !== undefined) console.table(refused);
  });

  it('loses the constant that held the key, and keeps the one beside it', async () => {
    expect(await readFile(join(folder, 'keys.ts'), 'utf8')).toBe("export const COLOUR = 'a colour';\n");
  });

  it('is told where files that are no part of it name the flag', () => {
    expect(first.refusals.filter(({ file }) => file === 'test.mjs')).toEqual([
      { file: 'test.mjs', line: 4, column: 3, reason: 'the key is the name of a member' },
    ]);
  });
});
