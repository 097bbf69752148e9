/**
 * Bundles source text as the page of a user would: minified by the bundler that builds our own pages, from the sources of
 * our packages, with the OpenFeature peer left out.
 */
import { createRequire } from 'node:module';
import { root } from './source-files.mjs';

const ENTRY = 'bundled-entry.ts';

/**
 * @param {string} source a module; what it exports is kept, everything else may be shaken off
 * @returns {Promise<{ code: string, map: { mappings: string, sources: string[] } }>}
 */
export async function bundleBrowser(source) {
  // Vite belongs to the admin UI, and is found from there.
  const { build } = await import(createRequire(`${root}/apps/admin-ui/package.json`).resolve('vite'));
  const { output } = await build({
    root,
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['yardarm-source', 'module', 'browser'] },
    plugins: [{ name: 'entry', resolveId: (id) => (id === ENTRY ? id : null), load: (id) => (id === ENTRY ? source : null) }],
    build: {
      write: false,
      target: 'es2023',
      minify: true,
      sourcemap: true,
      rolldownOptions: { input: ENTRY, preserveEntrySignatures: 'strict', external: [/^@openfeature\//] },
    },
  });
  const { code, map } = output[0];
  return { code: code.replace(/\n?\/\/# sourceMappingURL=.*\n?$/, ''), map };
}
