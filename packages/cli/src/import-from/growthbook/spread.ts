/**
 * How a rule deals units out. GrowthBook asks one hash or several, each a number from 0 to 1, and goes on to the next rule where the answer is
 * nothing; a split here asks one hash once. So the hashes of all rules that a unit meets are laid out in one another: a
 * share of a share, in an order that keeps a namespace where it is, so that what excludes each other goes on doing so.
 */

/** One hash of the unit. Equal ones give a unit the same number. */
export interface Hash {
  readonly attribute: string;
  readonly seed: string;
  readonly version: number;
  /** Of a namespace or filter, on whose numbers several features agree. */
  readonly isShared: boolean;
}

/** From number (included) to number (not included). */
export type Range = readonly [from: number, to: number];

/** Which variant a rule serves to whom. Outside of all ranges, and where there is no variant: the next rule. */
export interface Spread {
  /** Which numbers of which hashes a unit must have to be asked at all. */
  readonly gates: readonly { readonly hash: Hash; readonly ranges: readonly Range[] }[];
  /** Null: whoever is not kept out gets the only share. */
  readonly hash: Hash | null;
  readonly shares: readonly { readonly range: Range; readonly variant: string | null }[];
}

export interface Layout {
  readonly hashes: readonly Hash[];
  /** In order, with equal neighbours put together; widths sum to 1. Null: the code default. */
  readonly shares: readonly { readonly variant: string | null; readonly width: number }[];
}

/** Each rule that deals multiplies them: sixteen of three variations each would be 43 million. */
const MAX_CELLS = 4_096;

/** Of rules that are asked in order, and what is served where none answers. Null: more than MAX_CELLS cells. */
export function layOut(spreads: readonly Spread[], otherwise: string | null): Layout | null {
  const hashes = new Map<string, Hash>();
  const cuts = new Map<string, Set<number>>();
  const note = (hash: Hash, ranges: readonly Range[]) => {
    hashes.set(idOf(hash), hash);
    const found = cuts.get(idOf(hash)) ?? new Set([0, 1]);
    for (const bound of ranges.flat()) if (bound > 0 && bound < 1) found.add(bound);
    cuts.set(idOf(hash), found);
  };
  for (const { gates } of spreads) for (const { hash, ranges } of gates) note(hash, ranges);
  for (const { hash, shares } of spreads)
    if (hash !== null)
      note(
        hash,
        shares.map(({ range }) => range),
      );

  if ([...cuts.values()].reduce((cells, bounds) => cells * (bounds.size - 1), 1) > MAX_CELLS) return null;
  const ids = [...hashes.keys()];
  const shares: { variant: string | null; width: number }[] = [];
  divide(0, 1, new Map());
  return { hashes: [...hashes.values()], shares };

  /** Cuts a cell along one hash after the other; `numbers` has one inside the cell for each that is done. */
  function divide(depth: number, width: number, numbers: Map<string, number>): void {
    const id = ids[depth];
    if (id === undefined) {
      const variant = answerOf(spreads, numbers, otherwise);
      const last = shares.at(-1);
      if (last?.variant === variant) last.width += width;
      else shares.push({ variant, width });
      return;
    }
    const bounds = [...(cuts.get(id) ?? [])].sort((a, b) => a - b);
    for (const [index, to] of bounds.entries()) {
      const from = bounds[index - 1];
      if (from !== undefined) divide(depth + 1, width * (to - from), new Map(numbers).set(id, (from + to) / 2));
    }
  }
}

function answerOf(spreads: readonly Spread[], numbers: ReadonlyMap<string, number>, otherwise: string | null): string | null {
  const isIn = (hash: Hash, [from, to]: Range) => {
    const number = numbers.get(idOf(hash)) ?? Number.NaN;
    return number >= from && number < to;
  };
  for (const { gates, hash, shares } of spreads) {
    if (!gates.every((gate) => gate.ranges.some((range) => isIn(gate.hash, range)))) continue;
    const share = shares.find(({ range }) => hash === null || isIn(hash, range));
    if (share !== undefined && share.variant !== null) return share.variant;
  }
  return otherwise;
}

function idOf({ attribute, seed, version }: Hash): string {
  return JSON.stringify([attribute, seed, version]);
}
