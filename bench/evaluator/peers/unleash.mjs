/** unleash-client over a repository in memory, metrics off. Boolean flags by isEnabled, the others by getVariant. */
import { EventEmitter } from 'node:events';
import { Unleash } from 'unleash-client';
import { OBJECT_VALUE, ROLLOUT_SHARE, WEIGHTED } from '../flags.mjs';

/** @type {import('../candidates.mjs').Candidate} */
export const unleash = {
  name: 'Unleash',
  peer: true,
  prepare: async (flags, users, members) => {
    const client = new Unleash({
      appName: 'bench',
      url: 'http://127.0.0.1:9/',
      repository: repositoryOf(flags, members),
      disableMetrics: true,
      disableAutoStart: true,
      skipInstanceCountWarning: true,
    });
    await client.start();
    const contexts = users.map(({ targetingKey, ...properties }) => ({ userId: targetingKey, properties }));
    const evaluate = (key, type, at) =>
      type === 'boolean' ? client.isEnabled(key, contexts[at]) : client.getVariant(key, contexts[at]).payload.value;
    return {
      runner: (keys, type) => (from, count) => {
        let answered = 0;
        for (let index = from; index < from + count; index++) {
          const at = index % contexts.length;
          if (evaluate(keys[at], type, at)) answered++;
        }
        return answered;
      },
      // Objects travel as text, and reading that is left to the caller.
      answer: (key, type, at) => ({ value: type === 'object' ? JSON.parse(evaluate(key, type, at)) : evaluate(key, type, at) }),
      close: () => client.destroy(),
    };
  },
};

function repositoryOf(flags, members) {
  const toggles = new Map(flags.map((flag) => [flag.key, toggleOf(flag)]));
  const segment = { id: 1, name: 'members', constraints: [constraint('userId', 'IN', { values: members })] };
  const repository = Object.assign(new EventEmitter(), {
    getToggle: (name) => toggles.get(name),
    getToggles: () => [...toggles.values()],
    getTogglesWithSegmentData: () => [...toggles.values()],
    getSegment: (id) => (id === 1 ? segment : undefined),
    setMode: async () => {},
    stop: () => {},
    start: async () => {
      repository.emit('ready');
    },
  });
  return repository;
}

function constraint(contextName, operator, operands) {
  return { contextName, operator, inverted: false, caseInsensitive: false, values: [], ...operands };
}

function toggleOf({ key, kind, salt, country, cities, version }) {
  const toggle = {
    name: key,
    type: 'release',
    project: 'bench',
    enabled: kind !== 'killed',
    impressionData: false,
    stale: false,
    variants: [],
  };
  const everyone = { name: 'default', parameters: {}, constraints: [] };
  const rollout = (share) => ({
    name: 'flexibleRollout',
    parameters: { rollout: String(share * 100), stickiness: 'userId', groupId: salt },
    constraints: [],
  });
  switch (kind) {
    case 'rules': {
      const strategies = [
        constraint('country', 'IN', { values: [country] }),
        constraint('city', 'IN', { values: cities }),
        constraint('appVersion', 'SEMVER_GTE', { value: version }),
      ].map((one) => ({ ...everyone, constraints: [one] }));
      return { ...toggle, strategies };
    }
    case 'rollout':
      return { ...toggle, strategies: [rollout(ROLLOUT_SHARE)] };
    case 'segment':
      return { ...toggle, strategies: [{ ...everyone, segments: [1] }] };
    case 'weighted': {
      const variants = WEIGHTED.map(([name, share]) => ({
        name,
        weight: share * 1_000,
        weightType: 'variable',
        stickiness: 'userId',
        payload: { type: 'string', value: name },
      }));
      return { ...toggle, strategies: [{ ...rollout(1), variants }] };
    }
    case 'object': {
      const payload = { type: 'json', value: JSON.stringify(OBJECT_VALUE) };
      const variants = [{ name: 'rich', weight: 1_000, weightType: 'variable', stickiness: 'userId', payload }];
      return { ...toggle, strategies: [{ ...rollout(1), variants }] };
    }
    default:
      return { ...toggle, strategies: [everyone] };
  }
}
