// @ts-check
/**
 * Child of start.mjs: prints how many milliseconds a start took in this process, modules loaded, and the longest that its event
 * loop stood still meanwhile. The floor of a start without a snapshot waits as long and does nothing.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const INITIALISE_LIMIT_MS = 3_000;

const [how, snapshotFile = '', url, key = ''] = process.argv.slice(2);
/** @type {typeof import('../../packages/sdk-node/src/index.ts')} */
const { YardarmProvider } = await import(String(new URL('../../packages/sdk-node/dist/index.js', import.meta.url)));

let lookedMs = performance.now();
let blockedMs = 0;
const looking = setInterval(look, 1);
function look() {
  blockedMs = Math.max(blockedMs, performance.now() - lookedMs);
  lookedMs = performance.now();
}
// One turn, so that the first look is not late for what came before.
await sleep(5);
blockedMs = 0;

const startedMs = performance.now();
if (how === 'floor') {
  const lines = readFileSync(snapshotFile, 'utf8').split('\n').slice(0, -1);
  if (lines.map((line) => JSON.parse(line)).length < 1_000) throw new Error('no snapshot');
} else if (how === 'idle') {
  await sleep(INITIALISE_LIMIT_MS);
} else if (how === 'unready') {
  const provider = new YardarmProvider({ url, key: 'ys_0123456789', snapshotFile });
  const refused = await provider.initialize().then(
    () => false,
    () => true,
  );
  if (!refused || provider.boolean(key, true) !== true) throw new Error('ready without rules');
} else {
  const provider = new YardarmProvider({ url, key: 'ys_0123456789', snapshotFile });
  const ready = provider.initialize();
  if (how === 'ready') await ready;
  if (provider.boolean(key, false) !== true) throw new Error('no answer');
}
const tookMs = performance.now() - startedMs;
look();
clearInterval(looking);
console.log(JSON.stringify({ tookMs, blockedMs }));
process.exit();
