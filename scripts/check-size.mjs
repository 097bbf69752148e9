/**
 * What a browser pays for evaluation: `compile` and `resolve`, bundled with all they need, minified and gzipped, may weigh
 * no more than LIMIT_BYTES. Bundled from the sources by the bundler that builds our own pages.
 * The aim was 4 096 bytes; what it weighs and why is in docs/adr/0008-size-of-the-evaluator.md. This keeps it from growing.
 */
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { isMain, report, root } from './source-files.mjs';

const LIMIT_BYTES = 6_400;
const ENTRY = 'evaluator-size.ts';

/** @returns {Promise<number>} bytes */
export async function evaluatorBytes() {
  // Vite belongs to the admin UI, and is found from there.
  const { build } = await import(createRequire(`${root}/apps/admin-ui/package.json`).resolve('vite'));
  const source = `export { compile, resolve } from '${root}/packages/evaluator/src/index.ts';`;
  const { output } = await build({
    root,
    configFile: false,
    logLevel: 'error',
    plugins: [{ name: 'entry', resolveId: (id) => (id === ENTRY ? id : null), load: (id) => (id === ENTRY ? source : null) }],
    build: { write: false, target: 'es2023', minify: true, rolldownOptions: { input: ENTRY, preserveEntrySignatures: 'strict' } },
  });
  return gzipSync(output[0].code, { level: 9 }).length;
}

if (isMain(import.meta.url)) {
  const bytes = await evaluatorBytes();
  console.log(`compile and resolve: ${bytes} bytes gzipped of ${LIMIT_BYTES}`);
  report('size', bytes > LIMIT_BYTES ? [`compile and resolve weigh ${bytes} bytes gzipped; ${LIMIT_BYTES} are allowed`] : []);
}
