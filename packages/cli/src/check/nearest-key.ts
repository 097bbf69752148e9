/** The key that somebody most likely meant; null where none is near. Of equals the first in order. */
export function nearestKey(wrong: string, keys: Iterable<string>): string | null {
  // A third of the letters may be wrong: fewer finds no transposition in short keys, more proposes strangers.
  let best: { key: string; distance: number } | null = null;
  const bound = Math.max(1, Math.floor(wrong.length / 3));
  for (const key of keys) {
    if (Math.abs(key.length - wrong.length) > bound) continue;
    const distance = editDistance(normal(wrong), normal(key));
    if (distance <= bound && (best === null || distance < best.distance)) best = { key, distance };
  }
  return best?.key ?? null;
}

/** `newCheckout`, `new_checkout` and `NEW-CHECKOUT` are one name in three spellings. */
function normal(key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/[_.]/g, '-')
    .toLowerCase();
}

/** Insertions, deletions and substitutions (Levenshtein), one row at a time. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [row, letter] of [...a].entries()) {
    const current = [row + 1];
    for (const [column, other] of [...b].entries())
      current.push(
        Math.min(
          (current[column] ?? 0) + 1,
          (previous[column + 1] ?? 0) + 1,
          (previous[column] ?? 0) + (letter === other ? 0 : 1),
        ),
      );
    previous = current;
  }
  return previous[b.length] ?? 0;
}
