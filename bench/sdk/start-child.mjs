// @ts-check
/** Child of start.mjs: prints how many milliseconds a start took in this process, modules loaded. */
import { readFileSync } from 'node:fs';

const [how, snapshotFile = '', url, key = ''] = process.argv.slice(2);
/** @type {typeof import('../../packages/sdk-node/src/index.ts')} */
const { YardarmProvider } = await import(String(new URL('../../packages/sdk-node/dist/index.js', import.meta.url)));

const startedMs = performance.now();
if (how === 'floor') {
  const lines = readFileSync(snapshotFile, 'utf8').split('\n').slice(0, -1);
  if (lines.map((line) => JSON.parse(line)).length < 1_000) throw new Error('no snapshot');
} else {
  const provider = new YardarmProvider({ url, key: 'ys_0123456789', snapshotFile });
  const ready = provider.initialize();
  if (how === 'ready') await ready;
  if (provider.boolean(key, false) !== true) throw new Error('no answer');
}
console.log(performance.now() - startedMs);
process.exit();
