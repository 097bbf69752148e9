/** Serves thousands a few in a turn, so that what is done to all of them does not hold up beats and requests. */
import { setImmediate } from 'node:timers/promises';

/** When it lets other work have its turn. */
export interface Slice {
  /** Served between two looks at the clock. */
  readonly count: number;
  readonly ms: number;
}

export interface Turns {
  /** Resolves after other work had its turn. */
  turn(): Promise<unknown>;
  /** A clock that never runs backwards. */
  nowMs(): number;
}

export const NODE_TURNS: Turns = { turn: () => setImmediate(), nowMs: () => performance.now() };

/** An edit takes several turns, between which it holds the lock of its environment: they are to be short. */
export const SLICE: Slice = { count: 100, ms: 4 };
/** For work that takes longer than a look at the clock. */
export const WORK_SLICE: Slice = { count: 1, ms: 5 };

/** In their order, the first ones at once. Whatever is taken out of a set in the meantime is not served. */
export async function inSlices<Thing>(
  things: Iterable<Thing>,
  act: (thing: Thing) => void,
  { turn, nowMs }: Turns = NODE_TURNS,
  { count, ms }: Slice = SLICE,
): Promise<void> {
  let served = 0;
  let beganMs = nowMs();
  for (const thing of things) {
    if (served > 0 && served % count === 0 && nowMs() - beganMs >= ms) {
      await turn();
      beganMs = nowMs();
    }
    served++;
    act(thing);
  }
}

/** What `work` answers of each, in their order; what it throws ends it. */
export async function mapInSlices<Thing, Result>(
  things: Iterable<Thing>,
  work: (thing: Thing) => Result,
  slice: Slice = WORK_SLICE,
): Promise<Result[]> {
  const results: Result[] = [];
  await inSlices(things, (thing) => results.push(work(thing)), NODE_TURNS, slice);
  return results;
}
