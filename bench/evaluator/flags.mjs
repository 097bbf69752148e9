// @ts-check
/**
 * The eight workloads in a neutral form, and the users they are evaluated for. Every candidate translates the same
 * flags into its own; nothing here is random from run to run.
 */

/**
 * @typedef {object} Flag what a workload asks for, in words: see `rule-set.mjs` for the rule language's version
 * @property {string} key
 * @property {'plain' | 'killed' | 'rules' | 'rollout' | 'segment' | 'weighted' | 'object'} kind
 * @property {string} salt of its split
 * @property {string} country first rule: equality
 * @property {readonly string[]} cities second rule: one of 20
 * @property {string} version third rule: at least this version
 */
/** @typedef {{ targetingKey: string, country: string, city: string, appVersion: string, email: string }} User */
/**
 * @typedef {object} Workload
 * @property {string} name
 * @property {'boolean' | 'string' | 'object'} type
 * @property {readonly Flag[]} flags
 * @property {readonly string[]} keys flag of the i-th evaluation; as long as `users`
 */

export const USERS = 10_000;
export const ROLLOUT_SHARE = 0.25;
/** @type {readonly (readonly [variant: string, share: number])[]} */
export const WEIGHTED = [
  ['small', 0.5],
  ['medium', 0.3],
  ['large', 0.2],
];
export const OBJECT_VALUE = { layout: 'grid', columns: 3, banner: { text: 'Hello', href: '/offers' } };

/** @param {number} seed @returns {() => number} 0 ≤ x < 1 (mulberry32) */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** @returns {readonly User[]} as an application has them: strings that came out of JSON */
export function makeUsers() {
  const random = randomFrom(1);
  const integer = (/** @type {number} */ below) => Math.floor(random() * below);
  const hex = (/** @type {number} */ digits) => Array.from({ length: digits }, () => integer(16).toString(16)).join('');
  const users = Array.from({ length: USERS }, () => ({
    targetingKey: `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
    country: `C${integer(10)}`,
    city: `city-${integer(100)}`,
    appVersion: `${integer(4)}.${integer(20)}.${integer(30)}`,
    email: `${hex(6)}@example.com`,
  }));
  return JSON.parse(JSON.stringify(users));
}

/**
 * Members of the segment workload: every other user, and as many strangers. Copies, as no list of keys that was loaded
 * shares its texts with the requests that come later.
 * @param {readonly User[]} users
 * @returns {readonly string[]}
 */
export function segmentMembers(users) {
  const members = users.map(({ targetingKey }, index) => (index % 2 === 0 ? targetingKey : `stranger-${index}`));
  return JSON.parse(JSON.stringify(members));
}

/**
 * The same text as a program has it that wrote it down: engines keep one copy of all literals and names of members, and
 * compare those faster than text put together at run time.
 * @param {string} text
 */
function literal(text) {
  return /** @type {string} */ (Object.keys({ [text]: true })[0]);
}

/** @param {Flag['kind']} kind @param {number} index @param {string} [key] @returns {Flag} */
function flagOf(kind, index, key = `${kind}-flag`) {
  return {
    key: literal(key),
    kind,
    salt: literal(`salt-${index}-k3v9x2`),
    country: literal(`C${index % 10}`),
    cities: Array.from({ length: 20 }, (_, city) => literal(`city-${(index * 7 + city * 3) % 100}`)),
    version: literal(`2.${index % 20}.5`),
  };
}

/** As in production: many plain flags, some rules, a few rollouts. @param {number} count @returns {readonly Flag[]} */
export function mixedFlags(count) {
  return Array.from({ length: count }, (_, index) => {
    const kind = index % 10 < 7 ? 'plain' : index % 10 < 9 ? 'rules' : 'rollout';
    return flagOf(kind, index, `team-${index % 23}.feature-${index}`);
  });
}

/** @returns {readonly Workload[]} */
export function makeWorkloads() {
  const one = (/** @type {string} */ name, /** @type {Workload['type']} */ type, /** @type {Flag['kind']} */ kind) => {
    const flag = flagOf(kind, 3);
    return { name, type, flags: [flag], keys: new Array(USERS).fill(flag.key) };
  };
  const flags = mixedFlags(1_000);
  const random = randomFrom(2);
  const keys = Array.from({ length: USERS }, () => /** @type {Flag} */ (flags[Math.floor(random() * flags.length)]).key);
  return [
    one('plain boolean', 'boolean', 'plain'),
    one('killed', 'boolean', 'killed'),
    one('three rules', 'boolean', 'rules'),
    one('25 % rollout', 'boolean', 'rollout'),
    one('segment of 10 000', 'boolean', 'segment'),
    one('three weighted variants', 'string', 'weighted'),
    one('object value', 'object', 'object'),
    { name: 'mix of 1 000 flags', type: 'boolean', flags, keys },
  ];
}
