/**
 * What a browser pays for evaluation: `compile` and `resolve`, bundled with all they need, minified and gzipped, may weigh
 * no more than LIMIT_BYTES. Bundled from the sources by the bundler that builds our own pages.
 * The aim was 4 096 bytes; what it weighs and why is in docs/adr/0008-size-of-the-evaluator.md. This keeps it from growing.
 */
import { gzipSync } from 'node:zlib';
import { bundleBrowser } from './bundle-browser.mjs';
import { isMain, report, root } from './source-files.mjs';

const LIMIT_BYTES = 6_400;

/** @returns {Promise<number>} bytes */
async function evaluatorBytes() {
  const { code } = await bundleBrowser(`export { compile, resolve } from '${root}/packages/evaluator/src/index.ts';`);
  return gzipSync(code, { level: 9 }).length;
}

if (isMain(import.meta.url)) {
  const bytes = await evaluatorBytes();
  console.log(`compile and resolve: ${bytes} bytes gzipped of ${LIMIT_BYTES}`);
  report('size', bytes > LIMIT_BYTES ? [`compile and resolve weigh ${bytes} bytes gzipped; ${LIMIT_BYTES} are allowed`] : []);
}
