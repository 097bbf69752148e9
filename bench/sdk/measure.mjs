// @ts-check
/**
 * Child of main.mjs: one process, in which every subject gets a slice of each round, so that what disturbs the machine
 * disturbs all alike. Counts are on, and checked at the end. Sends its results to its parent.
 */
import assert from 'node:assert';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { compile, resolve } from '../evaluator/evaluator.mjs';
import { makeUsers, makeWorkloads, segmentMembers } from '../evaluator/flags.mjs';
import { ruleSetOf } from '../evaluator/rule-set.mjs';
import { quantile } from '../flip/statistics.mjs';
import { serveRules } from './rules-server.mjs';

const here = new URL('../../packages/sdk-node/', import.meta.url);
// Found from the provider's package, which is where it belongs.
const { OpenFeature } = createRequire(new URL('package.json', here))('@openfeature/server-sdk');
/** @type {typeof import('../../packages/sdk-node/src/index.ts')} */
const { YardarmProvider } = await import(String(new URL('dist/index.js', here)));

const [rounds = 41, sliceMs = 20] = process.argv.slice(2).map(Number);
const NOW_MS = 1_795_244_702_101;
const WARM_UP = 100_000;
const NOTHING = {};

const users = makeUsers();
const workloads = makeWorkloads();
const ruleSet = ruleSetOf(
  workloads.flatMap(({ flags }) => flags),
  segmentMembers(users),
);
const server = await serveRules(ruleSet);
const rules = compile(JSON.parse(JSON.stringify(ruleSet)));
const yardarm = new YardarmProvider({ url: server.url, key: 'ys_0123456789' });
await OpenFeature.setProviderAndWait('yardarm', yardarm);
// Until all bodies of a new rule set have been looked at, which takes some turns of the event loop, the clock is asked each time.
await sleep(500);
const constant = { value: true, variant: 'on', reason: 'STATIC' };
const answer = async () => constant;
await OpenFeature.setProviderAndWait('constant', {
  metadata: { name: 'constant' },
  resolveBooleanEvaluation: answer,
  resolveStringEvaluation: answer,
  resolveNumberEvaluation: answer,
  resolveObjectEvaluation: answer,
});

// What the rules themselves cost where OpenFeature's garbage has emptied the caches between two calls.
await OpenFeature.setProviderAndWait('bare evaluator', {
  metadata: { name: 'bare evaluator' },
  resolveBooleanEvaluation: async (/** @type {string} */ key, /** @type {boolean} */ codeDefault, /** @type {User} */ user) => {
    const { value, variant, reason, metadata } = resolve(rules, key, 'boolean', user, NOW_MS);
    return { value: value ?? codeDefault, variant, reason, flagMetadata: metadata };
  },
  resolveStringEvaluation: answer,
  resolveNumberEvaluation: answer,
  resolveObjectEvaluation: answer,
});

/**
 * @typedef {object} Subject
 * @property {string} workload
 * @property {string} name
 * @property {(from: number, count: number) => unknown} run
 * @property {number} count evaluations a slice
 * @property {number[]} ns CPU nanoseconds an evaluation, by round
 */
/** @typedef {import('../evaluator/flags.mjs').User} User */
/** @type {Subject[]} */
const subjects = [];
let evaluations = 0;

for (const { name: workload, type, keys } of workloads) {
  const add = (/** @type {string} */ name, /** @type {Subject['run']} */ run) =>
    subjects.push({ workload, name, run, count: 5_000, ns: [] });
  const ask = /** @type {(key: string, user: typeof users[0]) => unknown} */ (
    {
      boolean: (/** @type {string} */ key, /** @type {User} */ user) => yardarm.boolean(key, false, user),
      string: (/** @type {string} */ key, /** @type {User} */ user) => yardarm.string(key, 'none', user),
      object: (/** @type {string} */ key, /** @type {User} */ user) => yardarm.object(key, NOTHING, user),
    }[type]
  );
  add('bare evaluator', (from, count) => each(from, count, keys, (key, user) => resolve(rules, key, type, user, NOW_MS).value));
  add('synchronous API', (from, count) => {
    evaluations += count;
    return each(from, count, keys, ask);
  });
}
for (const workload of ['plain boolean', 'mix of 1 000 flags']) {
  const { keys } = /** @type {typeof workloads[0]} */ (workloads.find(({ name }) => name === workload));
  // Next to each other, so that both meet the same weather.
  for (const name of ['constant', 'bare evaluator', 'yardarm']) {
    const client = OpenFeature.getClient(name);
    const run = async (/** @type {number} */ from, /** @type {number} */ count) => {
      if (name === 'yardarm') evaluations += count;
      let answered = 0;
      for (let index = from; index < from + count; index++) {
        const user = users[index % users.length];
        if (await client.getBooleanValue(/** @type {string} */ (keys[index % users.length]), false, user)) answered++;
      }
      return answered;
    };
    subjects.push({ workload, name: `OpenFeature, ${name}`, run, count: 1_000, ns: [] });
  }
}

for (const subject of subjects) await subject.run(0, subject.name.startsWith('OpenFeature') ? WARM_UP / 10 : WARM_UP);
for (const subject of subjects) {
  const ns = Math.max(1, await measure(subject, 0));
  subject.count = Math.max(500, Math.round((sliceMs * 1e6) / ns));
}
for (let round = 0; round < rounds; round++) {
  // The order turns round, for whoever runs after a garbage-maker pays for its collection.
  for (const subject of round % 2 === 0 ? subjects : subjects.toReversed())
    subject.ns.push(await measure(subject, round * 7_919));
}
const results = [];
for (const subject of subjects) {
  const { workload, name, ns } = subject;
  results.push({ workload, name, ns, medianNs: quantile(ns, 0.5), bytes: await allocated(subject) });
}
await OpenFeature.close();
const counted = server.batches.reduce((sum, { counts, lost }) => counts.reduce((all, { n }) => all + n, sum) + lost, 0);
assert.equal(counted, evaluations, 'every evaluation is counted once');
await server.stop();
process.send?.(results);
process.disconnect?.();

/** @param {number} from @param {number} count @param {readonly string[]} keys @param {(key: string, user: typeof users[0]) => unknown} evaluate */
function each(from, count, keys, evaluate) {
  let answered = 0;
  for (let index = from; index < from + count; index++) {
    const at = index % users.length;
    if (evaluate(/** @type {string} */ (keys[at]), /** @type {typeof users[0]} */ (users[at]))) answered++;
  }
  return answered;
}

/**
 * A slice through OpenFeature fills a part of the young heap only, and begins with an empty one and warm caches: otherwise the subject in
 * whose slice the heap happens to be full pays for all (the ratio of a provider to itself went from 0.3 to 2.1). What a collection costs
 * goes with the bytes, which are reported beside.
 * @param {Subject} subject @param {number} from @returns {Promise<number>} CPU nanoseconds an evaluation
 */
async function measure({ name, run, count }, from) {
  if (name.startsWith('OpenFeature')) {
    globalThis.gc?.({ type: 'minor' });
    await run(from, WARM_UP / 1_000);
  }
  const before = process.cpuUsage();
  await run(from, count);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1_000) / count;
}

/** Bytes an evaluation leaves on the heap; so few that nothing is collected meanwhile. @param {Subject} subject */
async function allocated({ name, run }) {
  const evaluations = name.startsWith('OpenFeature') ? 500 : 100_000;
  const least = [];
  for (let attempt = 0; attempt < 5; attempt++) {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    await run(0, evaluations);
    least.push((process.memoryUsage().heapUsed - before) / evaluations);
  }
  return Math.min(...least);
}
