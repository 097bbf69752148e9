// @ts-check
/**
 * npm run bench:sdk: what an evaluation through @yardarm/sdk-node costs, counts included, beside its floors in the same process: the
 * bare evaluator for the synchronous API, and for the OpenFeature client a provider that answers a constant. Builds the packages
 * first. Ends with exit code 1 where a bar is missed. What the mix adds to a constant through OpenFeature is the evaluation of a thousand
 * flags out of caches that OpenFeature's 11 kB a call have emptied, which the bare evaluator in the same place shows; with one flag they
 * stay warm. Arguments: [rounds] [milliseconds a slice].
 */
import { execFileSync, fork } from 'node:child_process';
import { loadavg } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { aligned } from '../evaluator/report.mjs';
import { quantile } from '../flip/statistics.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.join(here, '..', '..');
const MOST_OVER_EVALUATOR = 2;
const MOST_OVER_CONSTANT = 1.05;
/** What a heap's own bookkeeping adds, spread over a slice. */
const MOST_BYTES = 1;
/** A call through OpenFeature leaves 11 kB: with a small young heap, who pays for a collection would decide the ratio. */
const HEAP = ['--expose-gc', '--single-threaded-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];

execFileSync(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-b', 'packages/sdk-node'], {
  cwd: root,
  stdio: 'inherit',
});

/** @typedef {{ workload: string, name: string, ns: number[], medianNs: number, bytes: number }} Result */
/** @type {readonly Result[]} */
const results = await new Promise((resolve, reject) => {
  const child = fork(path.join(here, 'measure.mjs'), process.argv.slice(2), { execArgv: HEAP });
  child.once('message', resolve);
  child.once('exit', (code) => reject(new Error(`The measurement ended with exit code ${code}.`)));
});

const pairs = results.flatMap((subject) => {
  const floorName = {
    'synchronous API': 'bare evaluator',
    'OpenFeature, bare evaluator': 'OpenFeature, constant',
    'OpenFeature, yardarm': 'OpenFeature, constant',
  }[subject.name];
  const floor = results.find(({ workload, name }) => workload === subject.workload && name === floorName);
  if (floor === undefined) return [];
  // Round by round: what disturbs the machine for longer than a slice disturbs both.
  const ratios = subject.ns.map((ns, round) => ns / (floor.ns[round] ?? Number.NaN));
  return [{ subject, floor, ratio: quantile(ratios, 0.5), p10: quantile(ratios, 0.1), p90: quantile(ratios, 0.9) }];
});

console.log('\nCPU nanoseconds an evaluation, median of rounds; ratio of each round, median (p10 … p90); bytes allocated\n');
console.log(
  aligned([
    ['workload', 'subject', 'floor', 'subject', 'ratio', '', 'floor bytes', 'bytes'],
    ...pairs.map(({ subject, floor, ratio, p10, p90 }) => [
      subject.workload,
      subject.name,
      floor.medianNs.toFixed(0),
      subject.medianNs.toFixed(0),
      `${ratio.toFixed(3)}x`,
      `(${p10.toFixed(3)} … ${p90.toFixed(3)})`,
      floor.bytes.toFixed(1),
      subject.bytes.toFixed(1),
    ]),
  ]),
);
console.log(`\nload average ${loadavg()[0]?.toFixed(1)}, Node ${process.versions.node}`);

const misses = pairs.flatMap(({ subject: { name, workload, bytes }, floor, ratio }) => {
  const isSync = name === 'synchronous API';
  if (name === 'OpenFeature, bare evaluator') return [];
  const most = isSync ? MOST_OVER_EVALUATOR : MOST_OVER_CONSTANT;
  const missed = ratio > most ? [`${name}, ${workload}: ${ratio.toFixed(3)}x its floor, at most ${most}x wanted`] : [];
  const allocates = isSync && bytes - floor.bytes > MOST_BYTES;
  return allocates ? [...missed, `${name}, ${workload}: allocates ${bytes.toFixed(1)} bytes a call`] : missed;
});
for (const miss of misses) console.log(`MISSED  ${miss}`);
if (misses.length === 0) console.log('All bars met: 2x the bare evaluator, 5 % over a constant provider, nothing allocated.');
process.exitCode = misses.length === 0 ? 0 : 1;
