// @ts-check
/** A process with real SDKs in it, which notes when each of them runs a change and what its switch then says. */
import { YardarmProvider } from '../../packages/sdk-node/dist/index.js';
import { cpuMs, monotonicMs } from './clock.mjs';
import { answerQuestions } from './questions.mjs';

/** Of OpenFeature, whose packages belong to those who use the SDK. */
const CHANGED = /** @type {any} */ ('PROVIDER_CONFIGURATION_CHANGED');

/** @type {YardarmProvider[]} */
const providers = [];
/**
 * @typedef {{ appliedMs: number[], cpuMs: number }} Applied when each ran it, of monotonicMs and in order, and what the processor did here
 *   from the question until the last of them did
 */
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
  /** Ask before the change. @returns {Promise<Applied>} */
  untilAllApplied: async () => {
    const beganMs = cpuMs();
    /** @type {Applied} */
    const applied = await new Promise((resolve) => {
      round = { appliedMs: [], resolve: (appliedMs) => resolve({ appliedMs, cpuMs: cpuMs() - beganMs }) };
    });
    round = undefined;
    return applied;
  },
  cpuMs,
  /** @param {string} flag; answers what each says */
  valuesOf: async (flag) => {
    const all = await Promise.all(providers.map((provider) => provider.resolveBooleanEvaluation(flag, false, {})));
    return all.map(({ value }) => value);
  },
});
