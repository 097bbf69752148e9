// @ts-check
/** The workloads in Yardarm's own language. */
import { OBJECT_VALUE, ROLLOUT_SHARE, WEIGHTED } from './flags.mjs';

/** @typedef {import('./flags.mjs').Flag} Flag */

const FULL = 100_000;

/** @param {readonly Flag[]} flags @param {readonly string[]} members of the segment @returns {import('../../packages/evaluator/src/index.ts').RuleSet} */
export function ruleSetOf(flags, members) {
  return {
    format: 1,
    project: 'bench',
    environment: 'production',
    epoch: '1795244702101-9c0f',
    revision: 812,
    flags: Object.fromEntries(flags.map((flag) => [flag.key, bodyOf(flag)])),
    segments: { members: { include: members, exclude: [], when: null, revision: 640, tag: '77e1a04b5cc0d2f3' } },
  };
}

/** @param {Flag} flag @returns {import('../../packages/evaluator/src/index.ts').FlagBody} */
export function bodyOf({ kind, salt, country, cities, version }) {
  const stamp = { metadata: { owner: 'payments', kind: 'release' }, revision: 790, tag: '5ac0b1d2e3f40516' };
  const onOff = /** @type {const} */ ({ type: 'boolean', variants: { on: true, off: false }, on: true, offVariant: 'off' });
  const on = { variant: 'on' };
  const off = { variant: 'off' };
  const split = (/** @type {readonly (readonly [string, number])[]} */ weights) => ({
    split: { by: 'targetingKey', salt, hash: /** @type {const} */ (2), weights },
  });
  switch (kind) {
    case 'plain':
      return { ...onOff, fallthrough: on, ...stamp };
    case 'killed':
      return { ...onOff, on: false, fallthrough: on, ...stamp };
    case 'rules':
      return {
        ...onOff,
        rules: [
          { id: 'r1', when: { attribute: 'country', op: 'equals', values: [country] }, serve: on },
          { id: 'r2', when: { attribute: 'city', op: 'in', values: cities }, serve: on },
          { id: 'r3', when: { attribute: 'appVersion', op: 'semver_gte', values: [version] }, serve: on },
        ],
        fallthrough: off,
        ...stamp,
      };
    case 'rollout': {
      const share = ROLLOUT_SHARE * FULL;
      return { ...onOff, fallthrough: split([['on', share], ['off', FULL - share]]), ...stamp }; // biome-ignore format: one split
    }
    case 'segment':
      return { ...onOff, rules: [{ id: 'r1', when: { segment: 'members' }, serve: on }], fallthrough: off, ...stamp };
    case 'weighted': {
      const variants = Object.fromEntries(WEIGHTED.map(([variant]) => [variant, variant]));
      const weights = WEIGHTED.map(([variant, share]) => /** @type {const} */ ([variant, share * FULL]));
      return { type: 'string', variants, on: true, offVariant: null, fallthrough: split(weights), ...stamp };
    }
    case 'object': {
      const variants = { rich: OBJECT_VALUE, none: {} };
      return { type: 'object', variants, on: true, offVariant: 'none', fallthrough: { variant: 'rich' }, ...stamp };
    }
  }
}
