// @ts-check
/**
 * npm run sdk:fixture [-- --checkout /path/of/a/built/release]
 * Keeps the Node SDK of this checkout, or of the one named, as one file with all that it needs: `e2e/released-sdks/<version>.mjs`. The tests of
 * released SDKs run every file in that folder against the server of today. Run it once for each release, before anything in
 * the SDK changes for the next; afterwards the file stays as it is.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { builtinModules, createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { root } from './launch.mjs';

const { values } = parseArgs({ options: { checkout: { type: 'string', default: root } } });
const home = path.join(path.resolve(values.checkout), 'packages/sdk-node');
const { version } = JSON.parse(await readFile(path.join(home, 'package.json'), 'utf8'));
// Vite belongs to the admin UI, and is found from there.
const vite = createRequire(path.join(root, 'apps/admin-ui/package.json')).resolve('vite');
const { build } = await import(String(pathToFileURL(vite)));
const { output } = await build({
  root: home,
  configFile: false,
  logLevel: 'error',
  ssr: { noExternal: true, external: builtinModules },
  build: {
    ssr: path.join(home, 'dist/index.js'),
    write: false,
    target: 'node20',
    minify: true,
    rolldownOptions: { output: { format: 'es' } },
  },
});
const folder = path.join(root, 'e2e/released-sdks');
await mkdir(folder, { recursive: true });
await writeFile(path.join(folder, `${version}.mjs`), output[0].code);
console.log(`e2e/released-sdks/${version}.mjs: ${output[0].code.length} bytes, ${output.length} file`);
