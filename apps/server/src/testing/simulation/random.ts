/** Random numbers that a seed repeats (mulberry32), and the choices made of them. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** Integer in [min, max]. */
  between(min: number, max: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly [T, ...T[]]): T;
  /** Undefined of an empty list. */
  any<T>(items: readonly T[]): T | undefined;
}

export function seededRandom(seed: number): Random {
  // Neighbouring seeds would begin alike.
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  const any = <T>(items: readonly T[]): T | undefined => items[Math.floor(next() * items.length)];
  return {
    next,
    between: (min, max) => min + Math.floor(next() * (max - min + 1)),
    chance: (probability) => next() < probability,
    pick: (items) => any(items) ?? items[0],
    any,
  };
}
