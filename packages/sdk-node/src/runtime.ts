/** Clocks, randomness and timers of Node for the client. */
import type { Runtime } from '@yardarm/sync';

/** Timers never keep the process alive. */
export const nodeRuntime: Runtime = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  random: () => Math.random(),
  startTimer: (run, delayMs) => {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
