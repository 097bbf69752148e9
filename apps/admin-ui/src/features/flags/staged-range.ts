/**
 * Which rows a scrolled list draws next. All that a step of the wheel brings into sight at once took up to 45 ms to style, lay out and
 * paint, of the 50 ms after which a page feels stuck; a few in each frame do not. Pure.
 */

/** Rows by their index, from `start` up to `end`, which is not among them. */
export interface RowRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Of `wanted` what is `drawn` already and at most `most` more. Where nothing of it is drawn yet, it begins `ahead` rows below the
 * start of `wanted`: but for the top of the list, those before are out of sight. Where nothing at all is drawn, everything is at once.
 */
export function nextRange(
  wanted: RowRange,
  drawn: RowRange,
  { most, ahead }: { readonly most: number; readonly ahead: number },
): RowRange {
  if (drawn.start === drawn.end) return wanted;
  const start = Math.max(wanted.start, drawn.start);
  const end = Math.min(wanted.end, drawn.end);
  const kept = start < end ? { start, end } : emptyAt(wanted.start === 0 ? 0 : Math.min(wanted.start + ahead, wanted.end));
  // What comes below first: lists are read downwards.
  const below = Math.min(most, wanted.end - kept.end);
  const above = Math.min(most - below, kept.start - wanted.start);
  return { start: kept.start - above, end: kept.end + below };
}

function emptyAt(index: number): RowRange {
  return { start: index, end: index };
}
