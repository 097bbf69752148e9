// @ts-check
/**
 * npm run bench:evaluator: CPU time and memory of an evaluation, beside floors and published peers; then what a large rule
 * set costs to load, to change and to keep. Prints tables, writes .data/bench/evaluator.json, and ends with exit code 1
 * where a bar is missed. README.md beside this file says how to read it. Arguments: [rounds] [milliseconds a slice].
 */
import { execFileSync, fork } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { quantile } from '../flip/statistics.mjs';
import { aligned, barsOf, speedTable } from './report.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.join(here, '..', '..');
const [rounds = '15', sliceMs = '15'] = process.argv.slice(2);
const LOAD_SAMPLES = 11;
/** So large a young generation that a slice is not interrupted by collections that another candidate's garbage caused. */
const HEAP = ['--expose-gc', '--max-semi-space-size=512', '--min-semi-space-size=512'];

installPeers();
execFileSync(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-b', 'packages/sync'], {
  cwd: root,
  stdio: 'inherit',
});

const speed = await measured('evaluate.mjs', [rounds, sliceMs], HEAP);
console.log('\nCPU nanoseconds an evaluation, median of rounds / bytes allocated\n');
console.log(speedTable(speed));

/** @type {{ flags: number, bytes: number, parseMs: number, lazyMs: number, eagerMs: number, sdkMs: number }[]} */
const loads = [];
for (const flags of [1_000, 10_000]) loads.push(await measureLoads(flags));
const { times } = await measured('load.mjs', ['10000', 'delta'], ['--expose-gc']);
const heap = await measured('load.mjs', ['10000', 'heap'], ['--expose-gc']);
const deltaUs = { median: quantile(times, 0.5), p90: quantile(times, 0.9) };

console.log('\nFrom JSON text to the first evaluation in a fresh process, median milliseconds (and times JSON.parse alone)\n');
console.log(
  aligned([
    ['flags', 'JSON text', 'JSON.parse', 'lazy', 'eager, all issues', 'SDK'],
    ...loads.map(({ flags, bytes, parseMs, lazyMs, eagerMs, sdkMs }) => [
      String(flags),
      `${(bytes / 1e6).toFixed(1)} MB`,
      parseMs.toFixed(1),
      `${lazyMs.toFixed(1)} (${(lazyMs / parseMs).toFixed(2)}x)`,
      `${eagerMs.toFixed(1)} (${(eagerMs / parseMs).toFixed(2)}x)`,
      `${sdkMs.toFixed(1)} (${(sdkMs / parseMs).toFixed(2)}x)`,
    ]),
  ]),
);
console.log(
  `\nOne flag's change of 10 000, first evaluation included: ${deltaUs.median.toFixed(1)} µs (p90 ${deltaUs.p90.toFixed(1)})`,
);
const megabytes = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
console.log(
  `Kept beyond the parsed JSON, 10 000 flags: lazy ${megabytes(heap.lazyUnused)}, after all were evaluated ${megabytes(heap.lazyUsed)}, eager ${megabytes(heap.eager)}`,
);

const bars = barsOf({ speed, loads, deltaUs, heap });
console.log(`\n${bars.map(({ met, title, figure }) => `${met ? 'met   ' : 'MISSED'} ${title}: ${figure}`).join('\n')}`);
const file = path.join(root, '.data', 'bench', 'evaluator.json');
mkdirSync(path.dirname(file), { recursive: true });
const machine = {
  node: process.version,
  cpu: cpus()[0]?.model,
  cpus: cpus().length,
  load: loadavg(),
  at: new Date().toISOString(),
};
writeFileSync(file, `${JSON.stringify({ machine, rounds: Number(rounds), speed, loads, deltaUs, heap, bars }, null, 2)}\n`);
console.log(`\n${path.relative(root, file)} has every round.`);
process.exitCode = bars.every(({ met }) => met) ? 0 : 1;

/** The peers are nobody's dependency but this benchmark's: they come when it is run, as its own lock file says. */
function installPeers() {
  const lock = path.join(here, 'package-lock.json');
  const marker = path.join(here, 'node_modules', '.installed-lock.json');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === readFileSync(lock, 'utf8')) return;
  console.log('Installing the peers …');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  execFileSync(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: here, stdio: 'inherit' });
  writeFileSync(marker, readFileSync(lock));
}

/** @param {number} flags */
async function measureLoads(flags) {
  /** @type {Record<'parse' | 'lazy' | 'eager' | 'sdk', number[]>} */
  const samples = { parse: [], lazy: [], eager: [], sdk: [] };
  let bytes = 0;
  for (let sample = 0; sample < LOAD_SAMPLES; sample++) {
    for (const what of /** @type {const} */ (['parse', 'lazy', 'eager', 'sdk'])) {
      const { ms, ...of } = await measured('load.mjs', [String(flags), what], ['--expose-gc']);
      samples[what].push(ms);
      bytes = of.bytes;
    }
  }
  const medianMs = (/** @type {keyof typeof samples} */ what) => quantile(samples[what], 0.5);
  return {
    flags,
    bytes,
    parseMs: medianMs('parse'),
    lazyMs: medianMs('lazy'),
    eagerMs: medianMs('eager'),
    sdkMs: medianMs('sdk'),
  };
}

/**
 * What a child measured: a process of its own for each, so that no measurement warms another.
 * @param {string} script
 * @param {string[]} args
 * @param {string[]} execArgv
 * @returns {Promise<ReturnType<typeof JSON.parse>>}
 */
function measured(script, args, execArgv) {
  return new Promise((resolve, reject) => {
    const child = fork(path.join(here, script), args, { execArgv, cwd: root });
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`${script} ended with exit code ${code}`)));
  });
}
