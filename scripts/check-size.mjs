/**
 * What a browser pays, bundled with all that it needs but the OpenFeature peer, minified and compressed. Bundled from the sources by
 * the bundler that builds our own pages; `npm run bundle:report` says where the bytes are.
 *
 * The aims were 4 096 bytes for evaluation (docs/adr/0008-size-of-the-evaluator.md says why it is more), and 8 192 gzipped and 7 168
 * with brotli for the whole provider. These limits keep both from growing; they go down with the weight.
 */

import { bundleBrowser } from './bundle-browser.mjs';
import { brotliBytes, gzipBytes } from './bundle-bytes.mjs';
import { firstLoadBytes } from './first-load.mjs';
import { isMain, report, root } from './source-files.mjs';

const PARTS = [
  { what: 'compile and resolve', exports: 'compile, resolve', of: 'evaluator', gzip: 6_400, brotli: 5_950 },
  { what: 'the browser provider', exports: 'YardarmWebProvider', of: 'sdk-browser', gzip: 20_975, brotli: 19_145 },
  // Says that a page which uses one thing of the package does not load the others.
  { what: 'anonymousKey', exports: 'anonymousKey', of: 'sdk-browser', gzip: 400, brotli: 350 },
];

/** Scripts of the admin UI before its first page is there. */
const FIRST_LOAD = 200_000;

if (isMain(import.meta.url)) {
  const findings = [];
  for (const { what, exports, of, gzip, brotli } of PARTS) {
    const { code } = await bundleBrowser(`export { ${exports} } from '${root}/packages/${of}/src/index.ts';`);
    const [gzipped, brotlied] = [gzipBytes(code), brotliBytes(code)];
    console.log(`${what}: ${gzipped} bytes gzipped of ${gzip}, ${brotlied} with brotli of ${brotli}`);
    if (gzipped > gzip) findings.push(`${what}: ${gzipped} bytes gzipped; ${gzip} are allowed`);
    if (brotlied > brotli) findings.push(`${what}: ${brotlied} bytes with brotli; ${brotli} are allowed`);
  }
  const firstLoad = await firstLoadBytes();
  console.log(`first load of the admin UI: ${firstLoad} bytes gzipped of ${FIRST_LOAD}`);
  if (firstLoad > FIRST_LOAD) findings.push(`the admin UI loads ${firstLoad} bytes of scripts first; ${FIRST_LOAD} are allowed`);
  report('size', findings);
}
