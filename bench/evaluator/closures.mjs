// @ts-check
/**
 * The floor: the same flags as a careful programmer would write them by hand, once, for these workloads only: a Map from
 * key to closure, constants inlined, shared frozen answers, no type check, no kill switch that can be thrown later, no
 * guard against odd contexts. Nothing that takes flags as data can be expected to beat it.
 */
import { OBJECT_VALUE, ROLLOUT_SHARE, WEIGHTED } from './flags.mjs';

/** @typedef {import('./flags.mjs').Flag} Flag */
/** @typedef {import('./flags.mjs').User} User */
/** @typedef {{ value: unknown, variant: string, reason: string }} Answer */

/** @param {readonly Flag[]} flags @param {readonly string[]} members @returns {Map<string, (user: User) => Answer>} */
export function closuresOf(flags, members) {
  return new Map(flags.map((flag) => [flag.key, closureOf(flag, members)]));
}

/** @param {unknown} value @param {string} variant @param {string} reason @returns {Answer} */
function answer(value, variant, reason) {
  return Object.freeze({ value, variant, reason });
}

/** @param {Flag} flag @param {readonly string[]} members @returns {(user: User) => Answer} */
function closureOf({ kind, salt, country, cities, version }, members) {
  switch (kind) {
    case 'plain': {
      const on = answer(true, 'on', 'STATIC');
      return () => on;
    }
    case 'killed': {
      const off = answer(false, 'off', 'DISABLED');
      return () => off;
    }
    case 'object': {
      const rich = answer(Object.freeze(OBJECT_VALUE), 'rich', 'STATIC');
      return () => rich;
    }
    case 'rules': {
      const on = answer(true, 'on', 'TARGETING_MATCH');
      const off = answer(false, 'off', 'DEFAULT');
      const listed = new Set(cities);
      const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
      return (user) =>
        user.country === country || listed.has(user.city) || isAtLeast(user.appVersion, major, minor, patch) ? on : off;
    }
    case 'rollout': {
      const on = answer(true, 'on', 'SPLIT');
      const off = answer(false, 'off', 'SPLIT');
      const salted = `${salt}:`;
      const below = ROLLOUT_SHARE * 2 ** 32;
      return (user) => (hashAscii(salted, user.targetingKey) < below ? on : off);
    }
    case 'weighted': {
      const [small, medium, large] = WEIGHTED.map(([variant]) => answer(variant, variant, 'SPLIT'));
      const salted = `${salt}:`;
      return (user) => {
        const bucket = Math.floor((hashAscii(salted, user.targetingKey) * 100_000) / 2 ** 32);
        return /** @type {Answer} */ (bucket < 50_000 ? small : bucket < 80_000 ? medium : large);
      };
    }
    case 'segment': {
      const on = answer(true, 'on', 'TARGETING_MATCH');
      const off = answer(false, 'off', 'DEFAULT');
      const included = new Set(members);
      return (user) => (included.has(user.targetingKey) ? on : off);
    }
  }
}

/**
 * Three numbers with dots between, which is all these users have; false for any other text, as a rule must be.
 * @param {string} text
 * @param {number} major
 * @param {number} minor
 * @param {number} patch
 */
function isAtLeast(text, major, minor, patch) {
  let order = 0;
  let part = 0;
  let number = -1;
  for (let index = 0; index <= text.length; index++) {
    const digit = index < text.length ? text.charCodeAt(index) - 48 : -2;
    if (digit === -2) {
      if (number < 0) return false;
      if (order === 0) order = number - (part === 0 ? major : part === 1 ? minor : patch);
      part++;
      number = -1;
    } else {
      if (digit < 0 || digit > 9) return false;
      number = number < 0 ? digit : number * 10 + digit;
    }
  }
  return part === 3 && order >= 0;
}

/**
 * MurmurHash3 x86 32-bit, seed 0, of `salted` and `text`, which must be ASCII; four characters at a time, no string built.
 * The salt is short and hashed anew, for it is the reading of the text that costs.
 * @param {string} salted
 * @param {string} text
 */
export function hashAscii(salted, text) {
  const start = salted.length;
  const length = start + text.length;
  let hash = 0;
  let index = 0;
  for (; index + 4 <= length; index += 4) {
    let block = 0;
    if (index >= start) {
      const at = index - start;
      block =
        text.charCodeAt(at) | (text.charCodeAt(at + 1) << 8) | (text.charCodeAt(at + 2) << 16) | (text.charCodeAt(at + 3) << 24);
    } else for (let byte = 0; byte < 4; byte++) block |= byteAt(salted, text, index + byte) << (byte * 8);
    block = Math.imul(block, 0xcc9e2d51);
    hash ^= Math.imul((block << 15) | (block >>> 17), 0x1b873593);
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let byte = 0; index + byte < length; byte++) tail |= byteAt(salted, text, index + byte) << (byte * 8);
  tail = Math.imul(tail, 0xcc9e2d51);
  hash ^= Math.imul((tail << 15) | (tail >>> 17), 0x1b873593) ^ length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** @param {string} salted @param {string} text @param {number} index */
function byteAt(salted, text, index) {
  return index < salted.length ? salted.charCodeAt(index) : text.charCodeAt(index - salted.length);
}
