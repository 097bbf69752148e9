/** Work on many things that leaves the event loop to others again and again: what a server answers SDKs waits for no list. */
import { setImmediate } from 'node:timers/promises';

/** Of one turn. A thing that takes longer has a turn of its own. */
const TURN_MS = 5;

/** What `work` answers of each, in order; what it throws ends it. */
export async function mapInTurns<T, Result>(things: Iterable<T>, work: (thing: T) => Result): Promise<Result[]> {
  const results: Result[] = [];
  let startedMs = performance.now();
  for (const thing of things) {
    results.push(work(thing));
    if (performance.now() - startedMs < TURN_MS) continue;
    await setImmediate();
    startedMs = performance.now();
  }
  return results;
}
