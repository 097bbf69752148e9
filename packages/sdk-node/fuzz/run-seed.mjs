// @ts-check
/** One SDK, for a moment, at a server that means it harm: what went wrong, in sentences. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startHostileServer } from './hostile-server.mjs';

/** @typedef {import('../src/index.ts').YardarmProvider} Provider */
/** @typedef {new (options: import('../src/index.ts').YardarmOptions) => Provider} ProviderClass */

const LIFE_MS = 100;
/** Where nothing has been held by then: on a busy machine the first answers take longer. */
const LONGEST_LIFE_MS = 500;
const ASK_EVERY_MS = 4;
const MOST_REQUESTS = 60;

/**
 * @param {number} seed
 * @param {ProviderClass} YardarmProvider
 * @returns {Promise<{ readonly wrong: readonly string[], readonly answers: number }>} `answers`: how many different ones there were
 */
export async function runSeed(seed, YardarmProvider) {
  const server = await startHostileServer(seededRandom(seed));
  const provider = new YardarmProvider({ url: server.url, key: 'ys_0123456789', initializeTimeoutMs: LIFE_MS / 2 });
  /** @type {string[]} */
  const wrong = [];
  const answers = new Set();
  let newest = 0;
  const ask = () => {
    const value = provider.string('colour', 'ok default');
    answers.add(value);
    if (typeof value !== 'string' || !value.startsWith('ok')) wrong.push(`answered ${JSON.stringify(value)}`);
    const revision = Number(/\d+$/.exec(value)?.[0] ?? newest);
    if (revision < newest) wrong.push(`went back from ${newest} to ${revision}`);
    newest = revision;
    if (provider.boolean('colour', true) !== true) wrong.push('answered a text as a boolean');
    if (provider.number('__proto__', 7) !== 7) wrong.push('answered what is not there');
  };
  const asking = setInterval(ask, ASK_EVERY_MS);
  try {
    await Promise.all([provider.initialize().catch(() => {}), sleep(LIFE_MS)]);
    for (let ms = LIFE_MS; ms < LONGEST_LIFE_MS && answers.size < 2; ms += LIFE_MS) await sleep(LIFE_MS);
    ask();
  } catch (error) {
    wrong.push(`threw ${error}`);
  } finally {
    clearInterval(asking);
    const closing = provider.onClose();
    // Whoever waits for the last counts waits for this server as well.
    await server.stop();
    await closing;
  }
  if (server.requests() > MOST_REQUESTS) wrong.push(`asked ${server.requests()} times`);
  return { wrong: wrong.map((what) => `seed ${seed}: ${what}`), answers: answers.size };
}

/** Numbers in [0, 1) that only the seed decides (mulberry32). @param {number} seed @returns {() => number} */
function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
