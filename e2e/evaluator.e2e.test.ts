/** The evaluator bundled for browsers gives the answers of the vectors in a real browser too. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchBrowser, newSession } from './support/browser.ts';

const ROOT = path.dirname(import.meta.dirname);
const ENTRY = 'evaluator-in-a-page.ts';
const SOURCE = `
  import * as evaluator from '${ROOT}/packages/evaluator/src/index.ts';
  import { checkVectors } from '${ROOT}/packages/evaluator/src/testing/vectors.ts';
  globalThis.checkVectors = (vectors) => checkVectors(evaluator, vectors);
`;

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

/** One script without imports, minified as our pages are. */
async function bundle(): Promise<string> {
  // Vite belongs to the admin UI, and is found from there.
  const { build } = await import(createRequire(`${ROOT}/apps/admin-ui/package.json`).resolve('vite'));
  const { output } = await build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    plugins: [
      {
        name: 'entry',
        resolveId: (id: string) => (id === ENTRY ? id : null),
        load: (id: string) => (id === ENTRY ? SOURCE : null),
      },
    ],
    build: { write: false, target: 'es2023', minify: true, rolldownOptions: { input: ENTRY, output: { format: 'iife' } } },
  });
  return output[0].code;
}

const readVectors = async (name: string) =>
  JSON.parse(await readFile(path.join(ROOT, `packages/evaluator/vectors/${name}.json`), 'utf8'));

it('every vector of the language gets its answer in the browser', async () => {
  const [hash, operators, evaluation] = await Promise.all(['hash', 'operators', 'evaluation'].map(readVectors));
  const page = await newSession(browser);
  await page.addScriptTag({ content: await bundle() });
  const { checked, failures } = await page.evaluate(
    (text) =>
      (globalThis as unknown as { checkVectors: (vectors: unknown) => { checked: number; failures: string[] } }).checkVectors(
        JSON.parse(text),
      ),
    JSON.stringify({ hash, operators, evaluation }),
  );
  expect(failures).toEqual([]);
  expect(checked).toBe(
    hash.murmur3.length + hash.bucketOf.length + hash.hashValue.length + operators.cases.length + 4 * evaluation.cases.length,
  );
});
