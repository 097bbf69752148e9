// @ts-check
/**
 * npm run simulate -- [--seeds 10000] [--from 1] [--jobs 2] [--bug NAME]: simulated worlds, one for each seed, and what was
 * wrong in them. `--seed N` runs one, and `--trace` prints all that happened in it. Exit code 1 where anything was wrong, or,
 * with `--bug`, where nothing was.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';

/** @typedef {import('../../apps/server/src/testing/simulation/simulate.ts').SimulationOutcome} SimulationOutcome */

const SOURCES = fileURLToPath(new URL('../../apps/server/src/testing/simulation', import.meta.url));
const SHOWN_FAILURES = 10;
/** Seeds from one line about the progress to the next. */
const PROGRESS = 1_000;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    jobs: { type: 'string', default: '2' },
    bug: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
});

// The sources compiled by the workspace's TypeScript: Nodes that run them as they are came after the oldest supported.
const tsc = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
if (spawnSync(process.execPath, [tsc, '-b', SOURCES], { stdio: 'inherit' }).status !== 0) process.exit(1);
const compiled = `${SOURCES}/dist/testing/simulation`;
/** @type {typeof import('../../apps/server/src/testing/simulation/bugs.ts')} */
const { BUGS } = await import(`${compiled}/bugs.js`);
/** @type {typeof import('../../apps/server/src/testing/simulation/simulate.ts')} */
const { simulate } = await import(`${compiled}/simulate.js`);
/** @type {typeof import('../../apps/server/src/testing/simulation/world.ts')} */
const { FAULTS } = await import(`${compiled}/world.js`);

if (values.bug !== undefined && !Object.hasOwn(BUGS, values.bug)) {
  console.error(`There is no bug '${values.bug}'; there are ${Object.keys(BUGS).join(', ')}.`);
  process.exit(2);
}
const bug = /** @type {keyof typeof BUGS | undefined} */ (values.bug);

if (values.seed !== undefined) {
  const outcome = await simulate({ seed: Number(values.seed), bug, trace: values.trace });
  for (const line of outcome.trace) console.log(line);
  console.log(describe(outcome));
  process.exit(outcome.violations.length > 0 ? 1 : 0);
}

const startedMs = performance.now();
const [from, seeds, jobs] = [Number(values.from), Number(values.seeds), Number(values.jobs)];
/** @type {SimulationOutcome[]} */
const failed = [];
/** @type {Map<string, { times: number, worlds: number }>} */
const faults = new Map(FAULTS.map((fault) => [fault, { times: 0, worlds: 0 }]));
/** @type {number[]} */
const settledMs = [];
let [done, events, revisions] = [0, 0, 0];

await Promise.all(Array.from({ length: jobs }, (_, job) => runJob(job)));

const seconds = (performance.now() - startedMs) / 1_000;
settledMs.sort((a, b) => a - b);
const quantile = (/** @type {number} */ share) =>
  ((settledMs[Math.floor(share * (settledMs.length - 1))] ?? 0) / 1_000).toFixed(1);
console.log(
  `${done} seeds, ${events} events, ${revisions} revisions in ${seconds.toFixed(0)} s with ${jobs} jobs (${(done / seconds).toFixed(0)} seeds/s).`,
);
console.log(
  `From the last fault to everybody at the newest state: median ${quantile(0.5)} s, p99 ${quantile(0.99)} s, longest ${quantile(1)} s.`,
);
console.log('\nfault                                  times   in worlds');
for (const [fault, { times, worlds }] of faults)
  console.log(`${fault.padEnd(34)}${String(times).padStart(10)}${String(worlds).padStart(12)}`);
failed.sort((a, b) => a.seed - b.seed);
console.log(`\n${failed.length} of ${done} seeds with violations${bug === undefined ? '' : `; the bug '${bug}' was planted`}.`);
for (const outcome of failed.slice(0, SHOWN_FAILURES)) console.log(describe(outcome));
if (failed.length > 0) {
  const flags = `--seed ${failed[0]?.seed}${bug === undefined ? '' : ` --bug ${bug}`}`;
  console.log(`\nAll that happened in the first: npm run simulate -- ${flags} --trace`);
}
process.exitCode = failed.length > 0 === (bug === undefined) ? 1 : 0;

/**
 * Every job has every `jobs`th seed, so that all are as far at any time.
 * @param {number} job
 */
function runJob(job) {
  const worker = new Worker(new URL('./worker.mjs', import.meta.url), {
    workerData: { module: `${compiled}/simulate.js`, from: from + job, step: jobs, below: from + seeds, bug },
  });
  worker.on('message', (/** @type {SimulationOutcome} */ outcome) => take(outcome));
  return new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('exit', resolve);
  });
}

/** @param {SimulationOutcome} outcome */
function take(outcome) {
  done++;
  events += outcome.events;
  revisions += outcome.revisions;
  if (outcome.settledMs !== null) settledMs.push(outcome.settledMs);
  for (const [fault, times] of outcome.faults) {
    const counted = faults.get(fault);
    if (counted === undefined) continue;
    counted.times += times;
    counted.worlds++;
  }
  if (outcome.violations.length > 0) failed.push(outcome);
  if (done % PROGRESS === 0 && done < seeds)
    console.log(`${done} seeds, ${failed.length} with violations, ${((performance.now() - startedMs) / 1_000).toFixed(0)} s`);
}

/** @param {SimulationOutcome} outcome */
function describe({ seed, hash, events, violations }) {
  const what = violations.length === 0 ? 'nothing wrong' : violations.slice(0, 3).join('; ');
  return `seed ${seed} (${events} events, record ${hash}): ${what}`;
}
