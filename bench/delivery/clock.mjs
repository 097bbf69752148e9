// @ts-check
/** One clock for all processes of a run: CLOCK_MONOTONIC, which Linux keeps for the whole machine. */

/** Milliseconds, comparable between processes. */
export function monotonicMs() {
  return Number(process.hrtime.bigint()) / 1e6;
}

/**
 * What to add to epoch milliseconds of this machine to get `monotonicMs`. Waits for the next tick of the wall clock, which
 * shows whole milliseconds only.
 */
export function monotonicOffsetMs() {
  const before = Date.now();
  let now = before;
  while (now === before) now = Date.now();
  return monotonicMs() - now;
}

/** Milliseconds of a processor that this process has used, in its own code and in the system's. */
export function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
}
