/** Whether another stream is taken: by the rate of handshakes and by the memory of this process. */
import { createAdmission } from './admission.ts';
import { createMemoryLimit, defaultMemoryLimitBytes } from './memory-limit.ts';

export interface StreamLimits {
  /** Handshakes let in in a second, and as many at once after a quiet time. */
  readonly handshakesPerSecond: number;
  /** Resident bytes of this process from which on no socket is added. */
  readonly memoryLimitBytes: number;
  /** Open sockets whose key was not let in; left out: 1 000. */
  readonly maxStrangers?: number;
}

/** Takes a fifth of a core, so that polls and changes go on; 10 000 sockets are back in ten seconds. */
export const DEFAULT_HANDSHAKES_PER_SECOND = 1_000;
export const DEFAULT_MAX_STRANGERS = 1_000;
/** Until memory is given back: sockets have to close, or a garbage collection has to come. */
const MEMORY_RETRY_SECONDS = 30;

export function defaultStreamLimits(): StreamLimits {
  return { handshakesPerSecond: DEFAULT_HANDSHAKES_PER_SECOND, memoryLimitBytes: defaultMemoryLimitBytes() };
}

/** Answers whole seconds to stay away, or null. */
export function createStreamLimits({ handshakesPerSecond, memoryLimitBytes }: StreamLimits): () => number | null {
  const admission = createAdmission({ perSecond: handshakesPerSecond, burst: handshakesPerSecond });
  const isMemoryTaken = createMemoryLimit(memoryLimitBytes, () => process.memoryUsage.rss());
  return () => {
    const nowMs = performance.now();
    return isMemoryTaken(nowMs) ? MEMORY_RETRY_SECONDS : admission.ask(nowMs);
  };
}
