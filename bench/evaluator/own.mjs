// @ts-check
/** Yardarm's evaluator and the floors, as candidates: see `candidates.mjs` for what a candidate is. */

import { closuresOf, hashAscii } from './closures.mjs';
import { compile, resolve } from './evaluator.mjs';
import { ruleSetOf } from './rule-set.mjs';

/** @typedef {import('./candidates.mjs').Candidate} Candidate */

const NOW_MS = 1_795_244_702_101;

/** @type {Candidate} */
export const yardarm = {
  name: 'yardarm',
  exact: true,
  prepare: (flags, users, members) => {
    const rules = compile(JSON.parse(JSON.stringify(ruleSetOf(flags, members))));
    if (rules.issues.length > 0) throw new Error(JSON.stringify(rules.issues));
    return {
      runner: (keys, type) => (from, count) => {
        let answered = 0;
        for (let index = from; index < from + count; index++) {
          const at = index % users.length;
          const { value } = resolve(
            rules,
            /** @type {string} */ (keys[at]),
            type,
            /** @type {typeof users[0]} */ (users[at]),
            NOW_MS,
          );
          if (value) answered++;
        }
        return answered;
      },
      answer: (key, type, at) => {
        const { value, variant, reason } = resolve(rules, key, type, /** @type {typeof users[0]} */ (users[at]), NOW_MS);
        return { value, variant, reason };
      },
    };
  },
};

/** @type {Candidate} */
export const closures = {
  name: 'closures by hand',
  exact: true,
  prepare: (flags, users, members) => {
    const byKey = closuresOf(flags, members);
    const evaluate = (/** @type {string} */ key, /** @type {number} */ at) =>
      /** @type {(user: typeof users[0]) => import('./closures.mjs').Answer} */ (byKey.get(key))(
        /** @type {typeof users[0]} */ (users[at]),
      );
    return {
      runner: (keys) => (from, count) => {
        let answered = 0;
        for (let index = from; index < from + count; index++) {
          const at = index % users.length;
          const { value } = evaluate(/** @type {string} */ (keys[at]), at);
          if (value) answered++;
        }
        return answered;
      },
      answer: (key, _, at) => evaluate(key, at),
    };
  },
};

/** Not an evaluation: what finding the flag costs. @type {Candidate} */
export const lookup = {
  name: 'Map lookup',
  prepare: (flags, users) => {
    const byKey = new Map(flags.map((flag) => [flag.key, flag]));
    return {
      runner: (keys) => (from, count) => {
        let answered = 0;
        for (let index = from; index < from + count; index++) {
          if (byKey.get(/** @type {string} */ (keys[index % users.length]))) answered++;
        }
        return answered;
      },
    };
  },
};

/** Not an evaluation: what hashing the unit costs. @type {Candidate} */
export const hash = {
  name: 'bare hash',
  prepare: (_, users) => ({
    runner: () => (from, count) => {
      let answered = 0;
      for (let index = from; index < from + count; index++) {
        const user = /** @type {typeof users[0]} */ (users[index % users.length]);
        if (hashAscii('', user.targetingKey) < 2 ** 31) answered++;
      }
      return answered;
    },
  }),
};
