// @ts-check
/** What the fuzzers share: options, the evaluator with its generators compiled from the sources, and runs in batches. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import fc from 'fast-check';

const here = path.dirname(fileURLToPath(import.meta.url));
/** Rule sets a batch: fast-check keeps what a run needs for shrinking, so one endless run would grow. */
const BATCH = 100;

/**
 * `--runs` (rule set, context) pairs, at least, and the `--seed` that repeats them.
 * @param {number} defaultRuns
 */
export function readOptions(defaultRuns) {
  const { values } = parseArgs({ options: { runs: { type: 'string' }, seed: { type: 'string' } } });
  const runs = Number(values.runs ?? defaultRuns);
  const seed = Number(values.seed ?? Date.now() % 2 ** 31);
  if (!Number.isInteger(runs) || runs < 1 || !Number.isInteger(seed)) {
    console.error('Usage: --runs <pairs> --seed <integer>');
    process.exit(2);
  }
  return { runs, seed };
}

/**
 * The sources compiled by the workspace's TypeScript: Nodes that run them as they are came after the oldest supported.
 * @returns the folder of the compiled sources
 */
export function compileSources() {
  const tsc = path.join(here, '../../../node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', here], { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
  return path.join(here, 'dist');
}

/**
 * Runs a property over random cases until it has seen the wanted number of pairs. Ends the process with the smallest
 * counterexample if there is one.
 * @template Case
 * @param {object} work
 * @param {import('fast-check').Arbitrary<Case>} work.cases
 * @param {number} work.pairsPerCase
 * @param {(seen: Case) => void} work.check throws where the property does not hold
 * @param {number} work.runs
 * @param {number} work.seed
 * @returns {number} pairs seen
 */
export function fuzz({ cases, pairsPerCase, check, runs, seed }) {
  let pairs = 0;
  for (let batch = 0; pairs < runs; batch++) {
    const numRuns = Math.min(BATCH, Math.ceil((runs - pairs) / pairsPerCase));
    try {
      fc.assert(fc.property(cases, check), { numRuns, seed: (seed + batch) | 0 });
    } catch (error) {
      const { message, cause } = /** @type {Error} */ (error);
      console.error(message);
      console.error(cause instanceof Error ? cause.message : cause);
      console.error(`\nFailed after ${pairs} pairs, in the batch of --seed ${seed + batch}`);
      process.exit(1);
    }
    pairs += numRuns * pairsPerCase;
  }
  return pairs;
}

/** @param {number} part @param {number} whole */
export function share(part, whole) {
  return `${part.toLocaleString('en')} of ${whole.toLocaleString('en')} (${((100 * part) / whole).toFixed(1)} %)`;
}
