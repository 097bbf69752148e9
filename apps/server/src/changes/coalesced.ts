/**
 * `act`, one run at a time: whoever calls during a run shares the next one, which begins after all of these calls. A burst costs two
 * runs. `act` must not reject.
 */
export function coalesced(act: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let queued: Promise<void> | undefined;
  return function run(): Promise<void> {
    if (running === undefined) {
      running = act().finally(() => {
        running = undefined;
      });
      return running;
    }
    queued ??= running.then(() => {
      queued = undefined;
      return run();
    });
    return queued;
  };
}
