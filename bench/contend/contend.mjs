// @ts-check
/**
 * Many hands on the same things. A counter that two writers raise by conditional edits shows a lost update as a number that
 * is too small; changes of many writers show in their answers and in the database whether revisions follow the commits.
 */
import { call, mustCall } from '../crash/call.mjs';

const PROJECT = 'contend';
const ENVIRONMENTS = ['development', 'staging', 'production'];
const ONE_FLAG = 'counter';

/** @typedef {{ url: string }} Target */

/** @param {Target} target of a server without the project */
export async function makeProject(target) {
  await mustCall(target, { method: 'POST', path: '/projects', body: { key: PROJECT, name: 'Contend' } });
  for (const key of ENVIRONMENTS)
    await mustCall(target, { method: 'POST', path: `/projects/${PROJECT}/environments`, body: { key, name: key } });
}

/**
 * Each writer raises the number in the flag's one rule until `each` of its edits were acknowledged; an edit that is refused
 * as stale is made again on what the refusal shows.
 * @param {Target} target
 * @param {{ writers: number, each: number }} options
 * @returns {Promise<{ acknowledged: number, stale: number, counter: number, version: number }>} all is well where `counter` is
 *   `acknowledged` and `version` one more
 */
export async function raiseCounter(target, { writers, each }) {
  await makeFlag(target, ONE_FLAG);
  const path = pathOf(ONE_FLAG, 'production');
  let acknowledged = 0;
  let stale = 0;

  async function write() {
    let current = toCounter((await mustCall(target, { method: 'GET', path })).body);
    for (let mine = 0; mine < each; ) {
      const answer = await call(target, {
        ...{ method: 'PATCH', path, headers: { 'if-match': `"v${current.version}"` } },
        body: { rules: [{ id: `n${current.count + 1}`, when: { all: [] }, serve: { variant: 'on' } }] },
      });
      if (answer.status === 200) {
        current = toCounter(/** @type {{ flag: unknown }} */ (answer.body).flag);
        mine += 1;
        acknowledged += 1;
      } else if (answer.status === 412) {
        stale += 1;
        const { error } = /** @type {{ error: { details: { current: unknown }[] } }} */ (answer.body);
        current = toCounter(error.details[0]?.current);
      } else throw new Error(`The edit was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    }
  }
  await Promise.all(Array.from({ length: writers }, write));
  const { count, version } = toCounter((await mustCall(target, { method: 'GET', path })).body);
  return { acknowledged, stale, counter: count, version };
}

/**
 * Writers flip flags of their own in environments at random, and make new ones, which moves every environment at once.
 * @param {Target} target
 * @param {{ writers: number, each: number, random: () => number }} options
 * @returns {Promise<{ changes: number, findings: string[] }>}
 */
export async function changeTogether(target, { writers, each, random }) {
  /** @type {{ environment: string, revision: number, sentMs: number, answeredMs: number }[]} */
  const answers = [];

  /** @param {number} index */
  async function write(index) {
    await makeFlag(target, `own-${index}`);
    const isOn = new Map(ENVIRONMENTS.map((environment) => [environment, false]));
    for (let mine = 0; mine < each; mine += 1) {
      if (random() < 0.1) await makeFlag(target, `new-${index}-${mine}`);
      const environment = /** @type {string} */ (ENVIRONMENTS[Math.floor(random() * ENVIRONMENTS.length)]);
      const verb = isOn.get(environment) ? 'kill' : 'unkill';
      isOn.set(environment, verb === 'unkill');
      const sentMs = performance.now();
      const answer = await mustCall(target, { method: 'POST', path: `${pathOf(`own-${index}`, environment)}/${verb}`, body: {} });
      const { revision } = /** @type {{ revision: number }} */ (answer.body);
      answers.push({ environment, revision, sentMs, answeredMs: performance.now() });
    }
  }
  await Promise.all(Array.from({ length: writers }, (_, index) => write(index)));
  return {
    changes: answers.length,
    findings: ENVIRONMENTS.flatMap((key) => findDisorder(answers.filter(({ environment }) => environment === key))),
  };
}

/**
 * No revision twice; and whatever was answered before another was sent has the smaller one.
 * @param {readonly { environment: string, revision: number, sentMs: number, answeredMs: number }[]} answers of one environment
 */
export function findDisorder(answers) {
  /** @type {string[]} */
  const findings = [];
  const sorted = [...answers].sort((a, b) => a.revision - b.revision);
  let earliestAnswer = Number.POSITIVE_INFINITY;
  for (const [index, { environment, revision, sentMs, answeredMs }] of [...sorted.entries()].reverse()) {
    if (sorted[index - 1]?.revision === revision) findings.push(`revision ${revision} of ${environment} was answered twice`);
    if (earliestAnswer < sentMs) findings.push(`revision ${revision} of ${environment} was sent after a later one was answered`);
    earliestAnswer = Math.min(earliestAnswer, answeredMs);
  }
  return findings;
}

/** @param {Target} target @param {string} key */
async function makeFlag(target, key) {
  const body = { key, kind: 'operational', variants: { on: true, off: false } };
  await mustCall(target, { method: 'POST', path: `/projects/${PROJECT}/flags`, body });
}

/** @param {string} flag @param {string} environment */
function pathOf(flag, environment) {
  return `/projects/${PROJECT}/flags/${flag}/environments/${environment}`;
}

/** @param {unknown} flag in an environment */
function toCounter(flag) {
  const { rules, version } = /** @type {{ rules: { id: string }[], version: number }} */ (flag);
  return { count: Number(rules[0]?.id.slice(1) ?? 0), version };
}
