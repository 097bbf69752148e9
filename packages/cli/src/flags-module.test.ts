import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FlagDefinition } from './flag-definitions.ts';
import { renderFlagsModule } from './flags-module.ts';

const flag = (key: string, more: Partial<FlagDefinition> = {}): FlagDefinition => ({
  ...{ key, type: 'boolean', kind: 'release', description: '', variants: { on: true, off: false }, offVariants: [] },
  ...more,
});
const FLAGS: readonly FlagDefinition[] = [
  flag('banner-text', { type: 'string', variants: { none: '', sale: 'Sale!' } }),
  flag('limits', { type: 'object', variants: { some: { max: 3 } } }),
  flag('new-checkout', { description: 'Payment on one page */ export const evil = 1; /*\n\u2028more' }),
  flag('page-size', { type: 'number', variants: { ten: 10 } }),
];
const PRELUDE = `import { OpenFeature as Server } from '@openfeature/server-sdk';
import { OpenFeature as Web } from '@openfeature/web-sdk';
import { YardarmProvider } from '@yardarm/sdk-node';
import { FLAGS, typedClient, typedProvider } from './flags.js';
const yardarm = typedProvider(new YardarmProvider({ url: 'http://127.0.0.1', key: 'ys_x' }));
const server = typedClient(Server.getClient());
const web = typedClient(Web.getClient());
`;

const root = fileURLToPath(new URL('../../../', import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yardarm-generate-'));
  await mkdir(join(folder, 'node_modules/@openfeature'), { recursive: true });
  await mkdir(join(folder, 'node_modules/@yardarm'));
  const links = {
    '@openfeature/server-sdk': 'packages/sdk-node/node_modules/@openfeature/server-sdk',
    '@openfeature/web-sdk': 'packages/sdk-browser/node_modules/@openfeature/web-sdk',
    '@yardarm/sdk-node': 'packages/sdk-node',
  };
  for (const [name, target] of Object.entries(links)) await symlink(join(root, target), join(folder, 'node_modules', name));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(join(folder, 'flags.ts'), renderFlagsModule('shop', FLAGS));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Lines of `code` in which the compiler finds an error, from 1. */
async function errorLines(code: string): Promise<number[]> {
  await writeFile(join(folder, 'app.ts'), PRELUDE + code);
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2022', '--pretty', 'false'];
  const lib = ['--lib', 'es2023,dom', '--customConditions', 'yardarm-source', '--allowImportingTsExtensions', '--types', ''];
  const out = await new Promise<string>((resolve) => {
    execFile(process.execPath, [compiler, ...options, ...lib, 'app.ts'], { cwd: folder }, (_error, stdout) => resolve(stdout));
  });
  const elsewhere = out.split('\n').filter((line) => /error TS/.test(line) && !line.startsWith('app.ts('));
  expect(elsewhere).toEqual([]);
  const before = PRELUDE.split('\n').length - 1;
  return [...out.matchAll(/^app\.ts\((\d+),/gm)].map(([, line]) => Number(line) - before);
}

describe('the generated module', () => {
  it('compiles where every flag exists and is of the type that it is asked for', async () => {
    const lines = await errorLines(`
const a: boolean = yardarm.boolean('new-checkout', false, { targetingKey: 'u' });
const b: string = yardarm.string('banner-text', '');
const c: number = yardarm.number(FLAGS.pageSize, 10);
const d: { max: number } = yardarm.object('limits', { max: 1 });
const e: Promise<boolean> = server.getBooleanValue('new-checkout', false, { targetingKey: 'u' });
const f: Promise<string> = server.getStringValue(FLAGS.bannerText, '');
const g: boolean = web.getBooleanValue('new-checkout', false);
const h: number = web.getNumberDetails('page-size', 10).value;
server.getObjectValue('limits', { max: 1 });
web.getObjectDetails('limits', { max: 1 });
server.addHooks();
yardarm.track('bought', {}, {});
`);
    expect(lines).toEqual([]);
  });

  it('does not compile with a typo, with a flag of another type, or with a wrong default', async () => {
    const lines = await errorLines(
      [
        "yardarm.boolean('new-chekout', false);",
        "yardarm.boolean('banner-text', false);",
        "yardarm.number('page-size', 'ten');",
        "yardarm.object('limit', {});",
        "server.getBooleanValue('new-chekout', false);",
        "server.getStringValue('new-checkout', '');",
        "web.getBooleanDetails('new-chekout', false);",
        "web.getNumberValue('page-sice', 10);",
        "server.getObjectValue('limit', {});",
        'FLAGS.newChekout;',
        "yardarm.string('banner-text', '', 'no context');",
      ].join('\n'),
    );
    expect(lines).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it('is the same for the same flags, and ends no comment that somebody wrote into a description', () => {
    const text = renderFlagsModule('shop', FLAGS);
    expect(renderFlagsModule('shop', FLAGS)).toBe(text);
    expect(text).not.toContain('*/ export const evil');
    expect(text).toContain("'new-checkout'");
  });

  it('names a flag by its key where a name would be of two, or none', () => {
    const text = renderFlagsModule(
      'shop',
      ['2nd', 'a-b', 'a_b', 'aC', 'new.Checkout'].map((key) => flag(key)),
    );
    expect([...text.matchAll(/^ {2}(\S+): '/gm)].map(([, name]) => name)).toEqual([
      "'2nd'",
      "'a-b'",
      "'a_b'",
      'aC',
      'newCheckout',
    ]);
  });

  it('compiles without any flag', async () => {
    await writeFile(join(folder, 'flags.ts'), renderFlagsModule('shop', []));
    expect(await errorLines("yardarm.boolean('anything', false);")).toEqual([1]);
  });
});
