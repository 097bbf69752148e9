/** How two ways of dealing the same split compare, for the tests of sources. */

export interface Shares {
  /** How many units each value has, before and after. */
  readonly tally: readonly (readonly [before: number, after: number])[];
  /** Units whose value is another one. */
  readonly moved: number;
}

/** @param deal what a unit gets, before and after */
export function compareShares<Value>(
  units: readonly string[],
  deal: (unit: string) => readonly [before: Value, after: Value],
): Shares {
  const tally = new Map<Value, [number, number]>();
  let moved = 0;
  for (const unit of units) {
    const dealt = deal(unit);
    if (dealt[0] !== dealt[1]) moved++;
    for (const side of [0, 1] as const) {
      const counts = tally.get(dealt[side]) ?? [0, 0];
      counts[side]++;
      tally.set(dealt[side], counts);
    }
  }
  return { tally: [...tally.values()], moved };
}
