/** Counts over time as a small curve, in numbers that a path is drawn with. Pure. */

/** Of the picture, in px. */
export const TREND_WIDTH = 56;
export const TREND_HEIGHT = 18;

/** `M0 18L4 12…`, from the left edge to the right one; `most` (the highest count, unless told otherwise) touches the top, none lies on the ground. */
export function trendPath(counts: readonly number[], most = Math.max(1, ...counts)): string {
  const stepPx = TREND_WIDTH / (counts.length - 1);
  // Half a line below the top and above the ground, so that neither cuts the line.
  const y = (count: number) => round(1 + (1 - count / most) * (TREND_HEIGHT - 2));
  const [only] = counts;
  if (counts.length === 1 && only !== undefined) return `M0 ${y(only)}L${TREND_WIDTH} ${y(only)}`;
  return counts.map((count, day) => `${day === 0 ? 'M' : 'L'}${round(day * stepPx)} ${y(count)}`).join('');
}

function round(px: number): number {
  return Math.round(px * 10) / 10;
}
