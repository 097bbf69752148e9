/**
 * Who is measured. A candidate prepares a workload's flags in its own language once; its runner then answers for one
 * user after the other, as the product's own code is meant to be called from a server.
 */
import { closures, hash, lookup, yardarm } from './own.mjs';
import { flagd } from './peers/flagd.mjs';
import { growthbook } from './peers/growthbook.mjs';
import { inMemory } from './peers/in-memory.mjs';
import { launchdarkly } from './peers/launchdarkly.mjs';
import { unleash } from './peers/unleash.mjs';

/** @typedef {{ value: unknown, variant?: string | undefined, reason?: string }} Answer variant and reason where the candidate says them */
/**
 * @typedef {object} Prepared
 * @property {(keys: readonly string[], type: 'boolean' | 'string' | 'object') => (from: number, count: number) => number | Promise<number>} runner
 *   evaluates for users from … from + count (modulo their number) and counts the answers that are not falsy
 * @property {(key: string, type: 'boolean' | 'string' | 'object', user: number) => Answer | Promise<Answer>} [answer]
 *   absent: not an evaluation
 * @property {() => unknown} [close]
 */
/**
 * @typedef {object} Candidate
 * @property {string} name
 * @property {true} [exact] buckets like Yardarm, so that every answer of a split must agree; else only the shares must
 * @property {true} [peer] a published product
 * @property {(
 *   flags: readonly import('./flags.mjs').Flag[],
 *   users: readonly import('./flags.mjs').User[],
 *   members: readonly string[],
 * ) => Prepared | Promise<Prepared>} prepare
 */

/** @type {readonly Candidate[]} */
export const CANDIDATES = [yardarm, closures, lookup, hash, flagd, growthbook, inMemory, launchdarkly, unleash];
