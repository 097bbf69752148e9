/** Whether this process has taken as much memory as it may: then it keeps the sockets it has and takes no new ones. */
import { totalmem } from 'node:os';

/** Asking the system costs tens of microseconds, and memory does not grow faster than this notices. */
const LOOK_EVERY_MS = 500;
/** The rest is for the embedded database and whatever else runs on the machine. */
const DEFAULT_SHARE = 0.6;

/** @param nowMs of any clock */
export function createMemoryLimit(limitBytes: number, rssBytes: () => number): (nowMs: number) => boolean {
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let isReached = false;
  return (nowMs) => {
    if (Math.abs(nowMs - lookedAtMs) < LOOK_EVERY_MS) return isReached;
    lookedAtMs = nowMs;
    isReached = rssBytes() >= limitBytes;
    return isReached;
  };
}

/** Bytes: a share of the machine's memory, or of the container's where it has less. */
export function defaultMemoryLimitBytes(): number {
  const constrained = process.constrainedMemory();
  // Unlimited containers report nothing, 0 or a number beyond any machine.
  return DEFAULT_SHARE * (constrained > 0 ? Math.min(constrained, totalmem()) : totalmem());
}
