/** @growthbook/growthbook: the client for servers, which takes the user with every call. */
import { GrowthBookClient } from '@growthbook/growthbook';
import { OBJECT_VALUE, ROLLOUT_SHARE, WEIGHTED } from '../flags.mjs';

/** @type {import('../candidates.mjs').Candidate} */
export const growthbook = {
  name: 'GrowthBook',
  peer: true,
  prepare: (flags, users, members) => {
    const features = Object.fromEntries(flags.map((flag) => [flag.key, featureOf(flag)]));
    const client = new GrowthBookClient().initSync({ payload: { features, savedGroups: { members } } });
    const contexts = users.map((user) => ({ attributes: { ...user, id: user.targetingKey } }));
    return {
      runner: (keys) => (from, count) => {
        let answered = 0;
        for (let index = from; index < from + count; index++) {
          const at = index % contexts.length;
          if (client.evalFeature(keys[at], contexts[at]).value) answered++;
        }
        return answered;
      },
      answer: (key, _, at) => ({ value: client.evalFeature(key, contexts[at]).value }),
      close: () => client.destroy(),
    };
  },
};

function featureOf({ key, kind, salt, country, cities, version }) {
  switch (kind) {
    case 'plain':
      return { defaultValue: true };
    case 'killed':
      return { defaultValue: false };
    case 'rules':
      return {
        defaultValue: false,
        rules: [
          { condition: { country }, force: true },
          { condition: { city: { $in: cities } }, force: true },
          { condition: { appVersion: { $vgte: version } }, force: true },
        ],
      };
    case 'rollout':
      return {
        defaultValue: false,
        rules: [{ force: true, coverage: ROLLOUT_SHARE, hashAttribute: 'id', seed: salt, hashVersion: 2 }],
      };
    case 'segment':
      return { defaultValue: false, rules: [{ condition: { id: { $inGroup: 'members' } }, force: true }] };
    case 'weighted': {
      const [variations, weights] = [WEIGHTED.map(([variant]) => variant), WEIGHTED.map(([, share]) => share)];
      return { defaultValue: '', rules: [{ key, variations, weights, hashAttribute: 'id', seed: salt, hashVersion: 2 }] };
    }
    case 'object':
      return { defaultValue: OBJECT_VALUE };
  }
}
