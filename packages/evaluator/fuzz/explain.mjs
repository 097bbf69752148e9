// @ts-check
/**
 * npm run fuzz -- --runs 1000000 --seed 1: random rule sets and contexts. Nothing throws, the steps of `explain` lead to
 * the very resolution of `resolve`, and a rule set compiled lazily answers like one compiled at once.
 */
import fc from 'fast-check';
import { compileSources, fuzz, readOptions } from './harness.mjs';

const CONTEXTS = 50;

const { runs, seed } = readOptions(100_000);
const sources = compileSources();
/** @type {typeof import('../src/index.ts')} */
const { compile, explain, resolve } = await import(`${sources}/index.js`);
/** @type {typeof import('../src/testing/arbitraries.ts')} */
const { anyRuleSet, context, nowMs, readableRuleSet } = await import(`${sources}/testing/arbitraries.js`);
/** @type {typeof import('../src/testing/flagd-arbitraries.ts')} */
const { flagdContext, flagdRuleSet } = await import(`${sources}/testing/flagd-arbitraries.js`);

/** @type {typeof import('../src/testing/trace-oracle.ts')} */
const { traceDisagreement } = await import(`${sources}/testing/trace-oracle.js`);

const TYPES = /** @type {const} */ (['boolean', 'string', 'number', 'object']);

const startedMs = performance.now();
let evaluations = 0;
/** @type {Map<string, number>} */
const reasons = new Map();

/** @type {import('fast-check').Arbitrary<import('../src/index.ts').EvaluationContext>} */
const anyContext = fc.oneof(
  { weight: 4, arbitrary: context },
  { weight: 4, arbitrary: flagdContext },
  {
    weight: 1,
    arbitrary: fc.dictionary(fc.string(), fc.anything({ withDate: true, withBigInt: true, withNullPrototype: true })),
  },
);

const pairs = fuzz({
  cases: fc.tuple(
    fc.oneof(
      { weight: 1, arbitrary: anyRuleSet },
      { weight: 2, arbitrary: readableRuleSet },
      { weight: 3, arbitrary: flagdRuleSet },
    ),
    fc.array(anyContext, { minLength: CONTEXTS, maxLength: CONTEXTS }),
    nowMs,
  ),
  pairsPerCase: CONTEXTS,
  runs,
  seed,
  check: ([ruleSet, contexts, now]) => {
    const rules = compile(ruleSet);
    const lazy = compile(ruleSet, { lazy: true });
    for (const [index, seen] of contexts.entries()) {
      for (const [key, body] of Object.entries(ruleSet.flags)) {
        // One in ten asks for another type than the flag has.
        const type = index % 10 === 0 ? (TYPES[(index / 10) % TYPES.length] ?? body.type) : body.type;
        const resolution = resolve(rules, key, type, seen, now);
        const trace = explain(rules, key, type, seen, now);
        if (trace.resolution !== resolution) {
          throw new Error(`${key}: ${JSON.stringify(resolution)}, explained as ${JSON.stringify(trace.resolution)}`);
        }
        const disagreement = traceDisagreement(trace, ruleSet);
        if (disagreement !== undefined) throw new Error(disagreement);
        const late = resolve(lazy, key, type, seen, now);
        if (JSON.stringify(late) !== JSON.stringify(resolution)) {
          throw new Error(`${key}: ${JSON.stringify(resolution)}, compiled lazily ${JSON.stringify(late)}`);
        }
        evaluations++;
        const reason = resolution.errorCode ?? resolution.reason;
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
    }
  },
});

console.log(`${pairs.toLocaleString('en')} pairs of rule set and context, seed ${seed}: nothing threw, no disagreement`);
console.log(
  `${evaluations.toLocaleString('en')} evaluations explained in ${((performance.now() - startedMs) / 1_000).toFixed(0)} s`,
);
for (const [reason, seen] of [...reasons].sort(([, a], [, b]) => b - a)) {
  console.log(`  ${reason.padEnd(22)} ${((100 * seen) / evaluations).toFixed(1)} %`);
}
