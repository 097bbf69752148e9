// @ts-check
/**
 * npm run fuzz:sdk -- [--seeds 10000] [--from 1] [--jobs 15]: SDKs at hostile servers, one of each for each seed. Counts errors that nobody
 * caught, wrong answers, and memory. Exit code 1 where there was anything; `--seeds 1 --from N` runs one again.
 */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const SHOWN = 20;
const PROGRESS = 1_000;
/** Beyond what is there after the first thousand. */
const MOST_GROWTH_BYTES = 64 * 1024 * 1024;

const options = /** @type {const} */ ({
  seeds: { type: 'string', default: '10000' },
  from: { type: 'string', default: '1' },
  jobs: { type: 'string', default: '15' },
});
const { values } = parseArgs({ options });
const [seeds, from, jobs] = [Number(values.seeds), Number(values.from), Number(values.jobs)];
const tsc = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url));
if (spawnSync(process.execPath, [tsc, '-b', fileURLToPath(new URL('..', import.meta.url))], { stdio: 'inherit' }).status !== 0)
  process.exit(1);
/** @type {typeof import('../src/index.ts')} */
const { YardarmProvider } = await import(String(new URL('../dist/index.js', import.meta.url)));
const { runSeed } = await import('./run-seed.mjs');
setFlagsFromString('--expose-gc');
/** @type {() => void} */
const collect = runInNewContext('gc');

// Whatever ends this before its last line.
process.exitCode = 1;
/** @type {string[]} */
const wrong = [];
for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error) => void wrong.push(`${event} near seed ${next}: ${error instanceof Error ? error.stack : error}`));
}
/** @type {number[]} */
const heapBytes = [];
let peakBytes = 0;
let next = from;
let [done, held, changed] = [0, 0, 0];
const startedMs = performance.now();

async function work() {
  while (next < from + seeds) {
    const outcome = await runSeed(next++, YardarmProvider);
    wrong.push(...outcome.wrong);
    if (outcome.answers > 1) held += 1;
    if (outcome.answers > 2) changed += 1;
    done += 1;
    peakBytes = Math.max(peakBytes, process.memoryUsage().rss);
    if (done % PROGRESS !== 0) continue;
    collect();
    const { heapUsed, external } = process.memoryUsage();
    heapBytes.push(heapUsed + external);
    console.log(
      `${done} seeds, ${((heapUsed + external) / 1e6).toFixed(0)} MB in use, ${wrong.length} wrong, ${((performance.now() - startedMs) / 1e3).toFixed(0)} s`,
    );
  }
}
await Promise.all(Array.from({ length: jobs }, work));

const growth = (heapBytes.at(-1) ?? 0) - (heapBytes[0] ?? 0);
if (growth > MOST_GROWTH_BYTES) wrong.push(`memory grew by ${growth} bytes`);
for (const line of wrong.slice(0, SHOWN)) console.log(line);
console.log(`In ${held} the SDK got hold of a rule set, in ${changed} of another one after it.`);
console.log(
  `${done} seeds: ${wrong.length} uncaught errors and wrong answers; peak ${(peakBytes / 1e6).toFixed(0)} MB, growth ${(growth / 1e6).toFixed(1)} MB`,
);
process.exit(wrong.length > 0 ? 1 : 0);
