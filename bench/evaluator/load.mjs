/**
 * Child of main.mjs: a large rule set from its JSON text to the first evaluation, one change of it, and what it keeps.
 * One process a sample, as a program starts with cold code; the parent takes the medians. Usage: load.mjs <flags> <what>.
 */
import { compile, decide, loadRuleSet, parseRuleSet, resolve, withChanges } from './evaluator.mjs';
import { makeUsers, mixedFlags } from './flags.mjs';
import { ruleSetOf } from './rule-set.mjs';

const [count, what] = [Number(process.argv[2]), process.argv[3]];
const flags = mixedFlags(count);
const [user] = makeUsers();
const evaluate = (rules, key) => resolve(rules, key, 'boolean', user, 0);

const SAMPLES = {
  parse: () => sampleLoad(JSON.parse),
  lazy: () => sampleLoad((text) => lazily(JSON.parse(text))),
  eager: () => sampleLoad((text) => eagerly(JSON.parse(text))),
  sdk: () => sampleLoad(asSdk),
  delta,
  heap,
};
process.send(SAMPLES[what](), () => process.exit(0));

function textOfRuleSet() {
  return JSON.stringify(ruleSetOf(flags, []));
}

/** Milliseconds for `load` of the JSON text, the first time in this process. */
function sampleLoad(load) {
  const text = textOfRuleSet();
  globalThis.gc();
  const startedAt = process.hrtime.bigint();
  load(text);
  return { ms: Number(process.hrtime.bigint() - startedAt) / 1e6, bytes: text.length };
}

function lazily(ruleSet) {
  evaluate(compile(ruleSet, { lazy: true }), flags[0].key);
}

/** Every flag compiled and every issue known. */
function eagerly(ruleSet) {
  const rules = compile(ruleSet);
  if (rules.issues.length > 0) throw new Error(JSON.stringify(rules.issues));
  evaluate(rules, flags[0].key);
}

/** What an SDK does with an answer over HTTP, up to the first answer that it gives: checks, digest, store, evaluation. */
function asSdk(text) {
  const ruleSet = parseRuleSet(text);
  if ('problem' in ruleSet) throw new Error(ruleSet.problem);
  const { store } = loadRuleSet(ruleSet, null);
  const question = { flagKey: flags[0].key, type: /** @type {const} */ ('boolean'), codeDefault: false, context: user };
  if (decide(store, question.type, question.flagKey, question.context, 0).errorCode !== undefined) throw new Error('not loaded');
}

/** Microseconds for one flag's change up to the first evaluation after it: of each of 300 changes in a row. */
function delta() {
  const times = [];
  let rules = compile(JSON.parse(textOfRuleSet()));
  const bodies = JSON.parse(textOfRuleSet()).flags;
  for (let index = 0; index < 300; index++) {
    const { key } = flags[(index * 7) % flags.length];
    const revision = 813 + index;
    const change = { kind: 'flag', key, revision, body: { ...bodies[key], on: index % 2 === 0, revision } };
    const startedAt = process.hrtime.bigint();
    rules = withChanges(rules, { revision, changes: [change] });
    evaluate(rules, key);
    times.push(Number(process.hrtime.bigint() - startedAt) / 1e3);
  }
  return { times };
}

/** Bytes kept beyond the parsed JSON: by a lazy rule set unused, the same after each flag was evaluated, and an eager one. */
function heap() {
  const ruleSet = JSON.parse(textOfRuleSet());
  const kept = { rules: undefined };
  const used = () => {
    for (let pass = 0; pass < 3; pass++) globalThis.gc();
    return process.memoryUsage().heapUsed;
  };
  // Code compiled on the way is not the rule set's: once without keeping anything.
  const small = compile(JSON.parse(JSON.stringify(ruleSetOf(flags.slice(0, 100), []))));
  for (const flag of flags.slice(0, 100)) evaluate(small, flag.key);
  const before = used();
  kept.rules = compile(ruleSet, { lazy: true });
  const lazyUnused = used() - before;
  for (const { key } of flags) evaluate(kept.rules, key);
  const lazyUsed = used() - before;
  kept.rules = undefined;
  const again = used();
  kept.rules = compile(ruleSet);
  const eager = used() - again;
  if (evaluate(kept.rules, flags[0].key).errorCode !== undefined || ruleSet.format !== 1) throw new Error('not kept');
  return { lazyUnused, lazyUsed, eager };
}
