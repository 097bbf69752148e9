// @ts-check
/**
 * npm run fuzz:flagd -- --runs 100000 --seed 1: random rule sets, exported and evaluated by flagd-core, against `resolve`
 * on value and variant. Prints how much of what was generated is portable and what each operator was decided by.
 */
import fc from 'fast-check';
import { compileSources, fuzz, readOptions, share } from './harness.mjs';

const CONTEXTS = 10;

const { runs, seed } = readOptions(100_000);
const sources = compileSources();
/** @type {typeof import('../src/testing/flagd-arbitraries.ts')} */
const { flagdContext, flagdRuleSet, PORTABLE_OPERATORS } = await import(`${sources}/testing/flagd-arbitraries.js`);
/** @type {typeof import('../src/testing/flagd-oracle.ts')} */
const { compareWithFlagd, countOperators } = await import(`${sources}/testing/flagd-oracle.js`);

const startedMs = performance.now();
const count = { flags: 0, portable: 0, evaluations: 0, withVariant: 0 };
/** @type {Map<string, number>} */
const obstacles = new Map();
/** @type {Map<string, number>} */
const operators = new Map(PORTABLE_OPERATORS.map((operator) => [operator, 0]));

const pairs = fuzz({
  cases: fc.tuple(
    flagdRuleSet,
    fc.array(flagdContext, { minLength: CONTEXTS, maxLength: CONTEXTS }),
    fc.constantFrom(0, 999, 1_000, 1_999, 2_000),
  ),
  pairsPerCase: CONTEXTS,
  runs,
  seed,
  check: ([ruleSet, contexts, nowMs]) => {
    const { exported, evaluations, withVariant, differences } = compareWithFlagd(ruleSet, contexts, nowMs);
    count.flags += Object.keys(ruleSet.flags).length;
    count.portable += Object.keys(exported.flags).length;
    count.evaluations += evaluations;
    count.withVariant += withVariant;
    for (const found of Object.values(exported.obstacles)) {
      for (const code of new Set(found.map(({ code }) => code))) obstacles.set(code, (obstacles.get(code) ?? 0) + 1);
    }
    countOperators(ruleSet, exported, operators);
    if (differences.length > 0) throw new Error(differences.join('\n'));
  },
});

console.log(`${pairs.toLocaleString('en')} pairs of rule set and context, seed ${seed}: no difference`);
console.log(
  `${count.evaluations.toLocaleString('en')} evaluations compared in ${((performance.now() - startedMs) / 1_000).toFixed(0)} s`,
);
console.log(`  with a variant ${share(count.withVariant, count.evaluations)}`);
console.log(`portable flags   ${share(count.portable, count.flags)}`);
console.log('flags by obstacle');
for (const [code, flags] of [...obstacles].sort(([, a], [, b]) => b - a))
  console.log(`  ${code.padEnd(14)} ${share(flags, count.flags)}`);
console.log('conditions in portable flags by operator');
for (const [operator, conditions] of operators) console.log(`  ${operator.padEnd(14)} ${conditions.toLocaleString('en')}`);
