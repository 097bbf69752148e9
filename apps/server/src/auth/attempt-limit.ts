/** How often something may be tried: a fixed window per key, in memory, so per server. */
import { AppError } from '../errors.ts';

/** A few megabytes; the oldest go first. */
const MAX_KEYS = 20_000;

export interface AttemptLimit {
  /** Counts one attempt. Throws `rate_limited` when `key` has had its share of this window. */
  readonly take: (key: string) => void;
  /** Whoever proved to be who they say begins anew. */
  readonly forgive: (key: string) => void;
}

/** `whose`: what the refusal says the attempts have in common, as in "from this address". */
export function createAttemptLimit(options: {
  readonly max: number;
  readonly windowMs: number;
  readonly whose: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}): AttemptLimit {
  const { max, windowMs, whose, now } = options;
  const windows = new Map<string, { count: number; readonly endsMs: number }>();
  return {
    take: (key) => {
      const nowMs = now();
      const open = windows.get(key);
      if (open === undefined || open.endsMs <= nowMs) {
        windows.delete(key);
        windows.set(key, { count: 1, endsMs: nowMs + windowMs });
        const [oldest] = windows.size > MAX_KEYS ? windows.keys() : [];
        if (oldest !== undefined) windows.delete(oldest);
        return;
      }
      open.count += 1;
      if (open.count > max)
        throw new AppError('rate_limited', `Too many attempts ${whose}; wait a minute.`, {
          retryAfterSeconds: Math.ceil((open.endsMs - nowMs) / 1_000),
        });
    },
    forgive: (key) => void windows.delete(key),
  };
}
