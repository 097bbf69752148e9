/** What a browser loads before the admin UI is there: the scripts that its page names, compressed. */
import { createRequire } from 'node:module';
import { gzipBytes } from './bundle-bytes.mjs';
import { root } from './source-files.mjs';

/** @returns {Promise<number>} bytes, gzipped one by one as they are sent */
export async function firstLoadBytes() {
  const folder = `${root}/apps/admin-ui`;
  // Vite belongs to the admin UI, and is found from there.
  const { build } = await import(createRequire(`${folder}/package.json`).resolve('vite'));
  const { output } = await build({
    root: folder,
    configFile: `${folder}/vite.config.ts`,
    logLevel: 'error',
    build: { write: false },
  });
  const page = String(output.find(({ fileName }) => fileName === 'index.html').source);
  const named = output.filter(({ type, fileName }) => type === 'chunk' && page.includes(fileName));
  return named.reduce((sum, { code }) => sum + gzipBytes(code), 0);
}
