/** @launchdarkly/node-server-sdk with its test data source, events off. Asynchronous. */
import { init, integrations } from '@launchdarkly/node-server-sdk';
import { OBJECT_VALUE, ROLLOUT_SHARE, WEIGHTED } from '../flags.mjs';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** @type {import('../candidates.mjs').Candidate} */
export const launchdarkly = {
  name: 'LaunchDarkly',
  peer: true,
  prepare: async (flags, users, members) => {
    const data = new integrations.TestData();
    data.usePreconfiguredSegment({ key: 'members', version: 1, included: members, excluded: [], rules: [], salt: 'salt' });
    for (const flag of flags) data.usePreconfiguredFlag(flagOf(flag));
    const options = { updateProcessor: data.getFactory(), sendEvents: false, diagnosticOptOut: true, logger: silent };
    const client = init('sdk-key', options);
    await client.waitForInitialization({ timeout: 5 });
    const contexts = users.map(({ targetingKey, ...attributes }) => ({ kind: 'user', key: targetingKey, ...attributes }));
    const evaluate = (key, at) => client.variationDetail(key, contexts[at], null);
    return {
      runner: (keys) => async (from, count) => {
        let answered = 0;
        for (let index = from; index < from + count; index++) {
          const at = index % contexts.length;
          if ((await evaluate(keys[at], at)).value) answered++;
        }
        return answered;
      },
      answer: async (key, _, at) => ({ value: (await evaluate(key, at)).value }),
      close: () => client.close(),
    };
  },
};

function flagOf({ key, kind, salt, country, cities, version }) {
  const onOff = {
    key,
    version: 1,
    salt,
    on: true,
    variations: [true, false],
    offVariation: 1,
    targets: [],
    rules: [],
    prerequisites: [],
  };
  const rule = (attribute, op, values, negate) => ({
    id: `${attribute}-rule`,
    variation: 0,
    clauses: [{ contextKind: 'user', attribute, op, values, negate: negate === true }],
  });
  const split = (shares) => ({
    rollout: { contextKind: 'user', variations: shares.map((share, variation) => ({ variation, weight: share * 100_000 })) },
  });
  switch (kind) {
    case 'plain':
      return { ...onOff, fallthrough: { variation: 0 } };
    case 'killed':
      return { ...onOff, on: false, fallthrough: { variation: 0 } };
    case 'rules': {
      // It has no "at least": not less than.
      const rules = [
        rule('country', 'in', [country]),
        rule('city', 'in', cities),
        rule('appVersion', 'semVerLessThan', [version], true),
      ];
      return { ...onOff, rules, fallthrough: { variation: 1 } };
    }
    case 'rollout':
      return { ...onOff, fallthrough: split([ROLLOUT_SHARE, 1 - ROLLOUT_SHARE]) };
    case 'segment':
      return { ...onOff, rules: [rule('', 'segmentMatch', ['members'])], fallthrough: { variation: 1 } };
    case 'weighted':
      return {
        ...onOff,
        variations: WEIGHTED.map(([variant]) => variant),
        fallthrough: split(WEIGHTED.map(([, share]) => share)),
      };
    case 'object':
      return { ...onOff, variations: [OBJECT_VALUE, {}], fallthrough: { variation: 0 } };
  }
}
