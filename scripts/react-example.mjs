// @ts-check
/** The React example, built as its users would and served on a free port: for its test and its screenshots. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { root } from './launch.mjs';

/**
 * @param {string} yardarmUrl
 * @param {string} dataDirectory of the server, which keeps the demo project's keys there
 * @returns {Promise<{ url: string, stop(): Promise<void> }>}
 */
export async function startReactExample(yardarmUrl, dataDirectory) {
  const folder = path.join(root, 'examples/react');
  const { clientKey } = JSON.parse(await readFile(path.join(dataDirectory, 'demo.json'), 'utf8'));
  const { build, preview } = await import(createRequire(`${folder}/package.json`).resolve('vite'));
  const outDir = path.join(dataDirectory, 'react-example');
  Object.assign(process.env, { VITE_YARDARM_URL: yardarmUrl, VITE_YARDARM_KEY: clientKey });
  const settings = { configFile: `${folder}/vite.config.ts`, logLevel: 'error', build: { outDir, emptyOutDir: true } };
  await build(settings);
  const server = await preview({ ...settings, preview: { host: '127.0.0.1', port: 0 } });
  return { url: server.resolvedUrls.local[0], stop: () => server.close() };
}
