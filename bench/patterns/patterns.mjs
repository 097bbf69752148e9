// @ts-check
/**
 * npm run bench:patterns (after a build): every pattern of the corpus is classified as on write; what is accepted is matched
 * by the evaluator with its attack repeated to the longest input it takes. No match may take more than 1 ms.
 */
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { checkPatterns, QUADRATIC_MAX_INPUT } from '../../apps/server/dist/patterns/check-patterns.js';
import { compile, resolve } from '../../packages/evaluator/dist/index.js';

const BUDGET_MS = 1;
const RUNS = 50;
const LINEAR_MAX_INPUT = 1_024;

/** @typedef {{ pattern: string, attack: { prefix: string, pump: string, suffix: string } }} Evil */
/** @type {{ evil: Evil[], ordinary: { pattern: string, text: string }[] }} */
const corpus = JSON.parse(await readFile(new URL('../../apps/server/src/patterns/corpus.json', import.meta.url), 'utf8'));
const cases = [
  ...corpus.evil,
  ...corpus.ordinary.map(({ pattern, text }) => ({ pattern, attack: { prefix: text, pump: text, suffix: '\n!' } })),
];
const startMs = performance.now();
const verdicts = await checkPatterns(
  cases.map(({ pattern }) => ({ source: pattern, ignoreCase: false })),
  { loadMs: 3_000, patternMs: 3_000, totalMs: 600_000 },
);
console.log(`${cases.length} patterns classified in ${((performance.now() - startMs) / 1_000).toFixed(1)} s`);

/** @param {string} pattern @param {number} maxInput @param {string} text @returns first and slowest later run, in ms */
function measure(pattern, maxInput, text) {
  const rules = compile(
    /** @type {any} */ ({
      format: 1,
      project: 'p',
      environment: 'e',
      epoch: '1-a',
      revision: 1,
      segments: {},
      flags: {
        f: {
          type: 'boolean',
          variants: { on: true, off: false },
          on: true,
          offVariant: 'off',
          revision: 1,
          tag: '0',
          rules: [{ id: 'r', when: { attribute: 'a', op: 'matches', values: [pattern], maxInput }, serve: { variant: 'on' } }],
          fallthrough: { variant: 'off' },
        },
      },
    }),
  );
  const times = Array.from({ length: RUNS }, () => {
    const beganMs = performance.now();
    resolve(rules, 'f', 'boolean', { a: text }, 0);
    return performance.now() - beganMs;
  });
  const [first = 0, ...later] = times;
  return { first, median: later.sort((a, b) => a - b)[later.length >> 1] ?? 0 };
}

/** @type {Map<string, number>} */
const counts = new Map();
let worstMs = 0;
let worst = '';
let failed = false;
for (const [index, { pattern, attack }] of cases.entries()) {
  const verdict = verdicts[index] ?? 'undecided';
  const kind = index < corpus.evil.length ? 'evil' : 'ordinary';
  counts.set(`${kind}, ${verdict}`, (counts.get(`${kind}, ${verdict}`) ?? 0) + 1);
  if (verdict !== 'linear' && verdict !== 'quadratic') {
    if (kind === 'ordinary') console.log(`refused although ordinary (${verdict}): ${pattern}`);
    failed ||= kind === 'ordinary';
    continue;
  }
  const maxInput = verdict === 'linear' ? LINEAR_MAX_INPUT : QUADRATIC_MAX_INPUT;
  const { prefix, pump, suffix } = attack;
  const room = maxInput - prefix.length - suffix.length;
  const text = prefix + pump.repeat(Math.max(0, Math.floor(room / pump.length))) + suffix;
  const { first, median } = measure(pattern, maxInput, text);
  console.log(`${verdict.padEnd(9)} first ${first.toFixed(3)} ms, then ${median.toFixed(3)} ms  ${pattern}`);
  if (median > worstMs) [worstMs, worst] = [median, pattern];
  failed ||= median > BUDGET_MS;
}
for (const [what, count] of [...counts].sort()) console.log(`${String(count).padStart(4)} ${what}`);
console.log(`slowest accepted match: ${worstMs.toFixed(3)} ms of ${BUDGET_MS} ms: ${worst}`);
process.exitCode = failed ? 1 : 0;
