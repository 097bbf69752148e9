/** @openfeature/flagd-core: JSONLogic, and the same bucketing as Yardarm. */
import { FlagdCore } from '@openfeature/flagd-core';
import { OBJECT_VALUE, ROLLOUT_SHARE, WEIGHTED } from '../flags.mjs';

const METHODS = { boolean: 'resolveBooleanEvaluation', string: 'resolveStringEvaluation', object: 'resolveObjectEvaluation' };

/** @type {import('../candidates.mjs').Candidate} */
export const flagd = {
  name: 'flagd-core',
  exact: true,
  peer: true,
  prepare: (flags, users, members) => {
    const core = new FlagdCore();
    core.setConfigurations(flagdDefinitions(flags, members));
    return {
      runner: (keys, type) => {
        const fallback = type === 'object' ? {} : type === 'string' ? '' : false;
        const method = METHODS[type];
        return (from, count) => {
          let answered = 0;
          for (let index = from; index < from + count; index++) {
            const at = index % users.length;
            if (core[method](keys[at], fallback, users[at]).value) answered++;
          }
          return answered;
        };
      },
      answer: (key, type, at) => core.resolve(type, key, type === 'object' ? {} : type === 'string' ? '' : false, users[at]),
    };
  },
};

/** @returns {string} JSON text */
function flagdDefinitions(flags, members) {
  const $evaluators = { members: { in: [{ var: 'targetingKey' }, members] } };
  return JSON.stringify({ flags: Object.fromEntries(flags.map((flag) => [flag.key, definitionOf(flag)])), $evaluators });
}

function definitionOf({ kind, salt, country, cities, version }) {
  const onOff = { state: 'ENABLED', variants: { on: true, off: false }, defaultVariant: 'on' };
  const bucket = { cat: [`${salt}:`, { var: 'targetingKey' }] };
  switch (kind) {
    case 'plain':
      return onOff;
    // Disabled flags of flagd give the code default; a killed one here gives its off variant.
    case 'killed':
      return { ...onOff, defaultVariant: 'off' };
    case 'rules': {
      const rules = [
        { '==': [{ var: 'country' }, country] },
        { in: [{ var: 'city' }, cities] },
        { sem_ver: [{ var: 'appVersion' }, '>=', version] },
      ];
      return { ...onOff, defaultVariant: 'off', targeting: { if: [...rules.flatMap((rule) => [rule, 'on']), 'off'] } };
    }
    case 'rollout': {
      const share = ROLLOUT_SHARE * 100_000;
      return { ...onOff, targeting: { fractional: [bucket, ['on', share], ['off', 100_000 - share]] } };
    }
    case 'segment':
      return { ...onOff, defaultVariant: 'off', targeting: { if: [{ $ref: 'members' }, 'on', 'off'] } };
    case 'weighted': {
      const variants = Object.fromEntries(WEIGHTED.map(([variant]) => [variant, variant]));
      const weights = WEIGHTED.map(([variant, share]) => [variant, share * 100_000]);
      return { state: 'ENABLED', variants, defaultVariant: 'small', targeting: { fractional: [bucket, ...weights] } };
    }
    case 'object':
      return { state: 'ENABLED', variants: { rich: OBJECT_VALUE, none: {} }, defaultVariant: 'rich' };
  }
}
