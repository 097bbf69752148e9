// @ts-check
/** A process with real SDKs in it, which notes when each of them runs a change and what its switch then says. */
import { YardarmProvider } from '../../packages/sdk-node/dist/index.js';
import { monotonicMs } from './clock.mjs';
import { answerQuestions } from './questions.mjs';

/** Of OpenFeature, whose packages belong to those who use the SDK. */
const CHANGED = /** @type {any} */ ('PROVIDER_CONFIGURATION_CHANGED');

/** @type {YardarmProvider[]} */
const providers = [];
/** @type {{ appliedMs: number[], resolve: (appliedMs: number[]) => void } | undefined} */
let round;

answerQuestions({
  /** @param {{ url: string, key: string, count: number }} options; answers when all are ready */
  open: async ({ url, key, count }) => {
    for (let index = 0; index < count; index += 1) {
      const provider = new YardarmProvider({ url, key, app: { name: 'bench', version: '1' }, initializeTimeoutMs: 30_000 });
      providers.push(provider);
      provider.events.addHandler(CHANGED, () => {
        const appliedMs = monotonicMs();
        round?.appliedMs.push(appliedMs);
        if (round?.appliedMs.length === providers.length) round.resolve(round.appliedMs);
      });
    }
    await Promise.all(providers.map((provider) => provider.initialize()));
  },
  /** Ask before the change; answers with the instants at which each ran it, of monotonicMs, in order. */
  untilAllApplied: async () => {
    /** @type {number[]} */
    const appliedMs = await new Promise((resolve) => {
      round = { appliedMs: [], resolve };
    });
    round = undefined;
    return appliedMs;
  },
  /** @param {string} flag; answers what each says */
  valuesOf: async (flag) => {
    const all = await Promise.all(providers.map((provider) => provider.resolveBooleanEvaluation(flag, false, {})));
    return all.map(({ value }) => value);
  },
});
