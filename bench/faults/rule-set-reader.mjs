// @ts-check
/** A process that does nothing but read rule sets, so that what it measures is the server and not the other clients of a bench. */
import { setTimeout as sleep } from 'node:timers/promises';
import { answerQuestions } from '../delivery/questions.mjs';

const PAUSE_MS = 2;

answerQuestions({
  /**
   * One after the other, over one connection.
   * @param {{ url: string, key: string, forMs: number }} options
   * @returns {Promise<{ tookMs: number[], failed: number }>}
   */
  read: async ({ url, key, forMs }) => {
    /** @type {number[]} */
    const tookMs = [];
    let failed = 0;
    const untilMs = performance.now() + forMs;
    while (performance.now() < untilMs) {
      const sentMs = performance.now();
      try {
        const response = await fetch(`${url}/sync/v1/ruleset`, { headers: { authorization: `Bearer ${key}` } });
        await response.arrayBuffer();
        if (response.ok) tookMs.push(performance.now() - sentMs);
        else failed += 1;
      } catch {
        failed += 1;
      }
      await sleep(PAUSE_MS);
    }
    return { tookMs, failed };
  },
});
