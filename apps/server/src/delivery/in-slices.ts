/** Serves thousands a few in a turn, so that what is done to all of them does not hold up beats and requests. */

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

/** An edit takes several turns, between which it holds the lock of its environment: they are to be short. */
export const SLICE: Slice = { count: 100, ms: 4 };

/** In their order, the first ones at once. Whatever is taken out of a set in the meantime is not served. */
export async function inSlices<Thing>(
  things: Iterable<Thing>,
  act: (thing: Thing) => void,
  { turn, nowMs }: Turns,
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
