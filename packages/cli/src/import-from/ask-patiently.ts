import { setTimeout } from 'node:timers/promises';
import { ApiError } from '../usage.ts';

const MAX_REPEATS = 2;
/** Whoever is sent away for longer had better know. */
const LONGEST_WAIT_MS = 60_000;

/** Asks again, twice at most, where the server did nothing and says when to come back; another change may hold the environment. */
export async function askPatiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let repeats = 0; ; repeats++)
    try {
      return await ask();
    } catch (error) {
      const waitMs = error instanceof ApiError ? error.retryAfterMs : null;
      if (waitMs === null || waitMs > LONGEST_WAIT_MS || repeats === MAX_REPEATS) throw error;
      await setTimeout(waitMs);
    }
}
