/** Long work in short turns. */
import { setImmediate } from 'node:timers/promises';

/** After which others get a turn. */
const SLICE_MS = 5;

/** Does `work` for one thing after the other. Should take less than a few milliseconds for each. */
export async function inSlices<Thing>(things: readonly Thing[], work: (thing: Thing) => void): Promise<void> {
  let startedMs = performance.now();
  for (const thing of things) {
    work(thing);
    if (performance.now() - startedMs < SLICE_MS) continue;
    await setImmediate();
    startedMs = performance.now();
  }
}
