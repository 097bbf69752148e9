// @ts-check
/**
 * What a hostile server says: rule sets and messages that are good, and those that must never change an answer. Values that may
 * be answered begin with `ok`, and those that must not with `bad`.
 */
import { loadRuleSet } from '@yardarm/sync';

/** @typedef {import('@yardarm/evaluator').RuleSet} RuleSet */
/** @typedef {() => number} Random */

const EPOCH = '1000-a';
const tag = (/** @type {number} */ revision) => revision.toString(16).padStart(16, '0');

/** @param {string} value @param {number} revision @returns {import('@yardarm/evaluator').FlagBody} */
const bodyOf = (value, revision) => ({
  type: 'string',
  variants: { shown: value, off: 'ok off' },
  on: true,
  offVariant: 'off',
  fallthrough: { variant: 'shown' },
  revision,
  tag: tag(revision),
});

/** @param {number} revision @returns {RuleSet} */
export const ruleSetAt = (revision, value = `ok ${revision}`) => ({
  format: 1,
  project: 'shop',
  environment: 'test',
  epoch: EPOCH,
  revision,
  flags: { colour: bodyOf(value, revision) },
  segments: {},
});

export const stateAt = (/** @type {number} */ revision) => loadRuleSet(ruleSetAt(revision), null).store.state;

/** Of no tag that a digest names. */
const bad = { ...bodyOf('bad', 7), tag: 'bad0bad0bad0bad0' };
const deep = (/** @type {number} */ depth) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
/** Numbers that are no revision, time or length. */
const NUMBERS = ['-1', '1e308', '-1e308', '0.5', '9007199254740993', 'null', '"7"', '[]', '{}', 'true', '1e400'];

/** Bodies of an answer for the rule set, none of which may be used. @param {Random} random @returns {string} */
export function badRuleSet(random) {
  const whole = JSON.stringify(ruleSetAt(9, 'bad'));
  /** @type {readonly (() => unknown)[]} */
  const makers = [
    () => '',
    () => 'null',
    () => '[]',
    () => '7',
    () => '"bad"',
    () => deep(20_000),
    () => whole.slice(0, Math.floor(random() * (whole.length - 1))),
    () => whole.replace('"format":1', `"format":${pick(random, NUMBERS)}`),
    () => whole.replace('"revision":9,"flags"', `"revision":${pick(random, NUMBERS)},"flags"`),
    () => whole.replace(`"epoch":"${EPOCH}"`, `"epoch":${pick(random, NUMBERS)}`),
    () => whole.replace('"flags":{', `"flags":${pick(random, ['[', 'null,"x":{', '7,"x":{'])}`),
    () => ({ ...ruleSetAt(9), flags: { colour: 'bad' } }),
    () => ({ ...ruleSetAt(9), flags: { colour: { ...bad, tag: 7 } } }),
    () => ({ ...ruleSetAt(9), flags: { colour: { ...bad, revision: '9' } } }),
    // These are rule sets; the flag in them is of no use.
    () => ({ ...ruleSetAt(9), flags: { colour: { ...bad, variants: { shown: pick(random, [7, null, {}, ['bad'], true]) } } } }),
    () => ({
      ...ruleSetAt(9),
      flags: { colour: { ...bad, fallthrough: pick(random, ['shown', 7, [], { variant: 'none' }, { split: {} }]) } },
    }),
    () => ({ ...ruleSetAt(9), flags: { colour: { ...bad, rules: pick(random, ['bad', 7, {}, [null], [{ when: deep(50) }]]) } } }),
    () => ({ ...ruleSetAt(9), flags: { colour: { ...bad, requires: ['telepathy'] } } }),
    () =>
      `{"format":1,"project":"shop","environment":"test","epoch":"${EPOCH}","revision":9,"segments":{},"flags":{"__proto__":${JSON.stringify(bad)}}}`,
  ];
  const made = pick(random, makers)();
  return typeof made === 'string' ? made : JSON.stringify(made);
}

/** Messages that an SDK may take for what they are. @param {Random} random @param {number} held @returns {{ text: string, reaches: number }} */
export function goodMessage(random, held) {
  const next = held + 1;
  const { digest } = stateAt(next);
  const put = [{ kind: 'flag', key: 'colour', body: bodyOf(`ok ${next}`, next) }];
  const isKill = random() < 0.2;
  const delta = { type: 'delta', epoch: EPOCH, from: held, to: next, digest, kill: [], put, remove: [] };
  const kill = {
    type: 'delta',
    epoch: EPOCH,
    from: held,
    to: held,
    digest,
    kill: [{ key: 'colour', offVariant: 'off', revision: held }],
    put: [],
    remove: [],
  };
  return isKill ? { text: JSON.stringify(kill), reaches: held } : { text: JSON.stringify(delta), reaches: next };
}

/** Messages that must not change an answer. @param {Random} random @param {number} held @returns {string} */
export function badMessage(random, held) {
  const number = pick(random, NUMBERS);
  const put = [{ kind: 'flag', key: 'colour', body: bad }];
  const delta = {
    type: 'delta',
    epoch: EPOCH,
    from: held,
    to: held + 1,
    digest: stateAt(held + 1).digest,
    kill: [],
    put,
    remove: [],
  };
  /** @type {readonly (() => string)[]} */
  const makers = [
    () => '',
    () => '{',
    () => deep(20_000),
    () => Buffer.from(Array.from({ length: 40 }, () => random() * 256)).toString('latin1'),
    () => JSON.stringify(delta),
    () => JSON.stringify({ ...delta, digest: 'ffffffffffffffff' }),
    () => JSON.stringify({ ...delta, from: 1_000, to: 1_001 }),
    () => JSON.stringify({ ...delta, from: 0, to: 1 }),
    () => JSON.stringify({ ...delta, epoch: '1-older' }),
    () => JSON.stringify({ ...delta, put: 'all' }),
    () => `${JSON.stringify(delta).slice(0, -1)},"sum":"0000000000000000"}`,
    () => JSON.stringify(delta).replace(`"to":${held + 1}`, `"to":${number}`),
    () => `{"type":"beat","epoch":"${EPOCH}","revision":${number},"digest":"0123456789abcdef"}`,
    () => `{"type":"goodbye","reason":"x","retryAfterMs":${number},"spreadMs":${number},"pollMs":${number}}`,
    () => `{"type":"resync","reason":"gap","url":"http://127.0.0.1:1/evil","spreadMs":${number}}`,
    () => `{"type":"resync","reason":"too_old","url":"/sync/v1/deltas/${EPOCH}/0..9","spreadMs":0}`,
    () =>
      `{"type":"welcome","format":${number},"view":"server","beatMs":${number},"now":${number},"epoch":"${EPOCH}","revision":${held},"digest":"x"}`,
    () => '{"type":"unheard of","value":"bad"}',
    () => `{"type":${number}}`,
  ];
  return pick(random, makers)();
}

/** @template T @param {Random} random @param {readonly T[]} from @returns {T} */
export function pick(random, from) {
  return /** @type {T} */ (from[Math.floor(random() * from.length)]);
}
