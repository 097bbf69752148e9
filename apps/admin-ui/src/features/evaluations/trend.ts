/** Evaluations of a flag day by day as a small curve, in numbers that a path is drawn with. Pure. */

/** Of the picture, in px. */
export const TREND_WIDTH = 56;
export const TREND_HEIGHT = 18;

/** `M0 18L4 12…`, from the left edge to the right one; the highest count touches the top, none lies on the ground. */
export function trendPath(counts: readonly number[]): string {
  const most = Math.max(1, ...counts);
  const stepPx = counts.length > 1 ? TREND_WIDTH / (counts.length - 1) : 0;
  // Half a line below the top and above the ground, so that neither cuts the line.
  const y = (count: number) => round(1 + (1 - count / most) * (TREND_HEIGHT - 2));
  return counts.map((count, day) => `${day === 0 ? 'M' : 'L'}${round(day * stepPx)} ${y(count)}`).join('');
}

/** `1,204 evaluations in 14 days, 80 of them today`. */
export function trendSentence(counts: readonly number[]): string {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const today = counts.at(-1) ?? 0;
  if (total === 0) return `Not evaluated in ${counts.length} days`;
  const said = (count: number) => count.toLocaleString('en-GB');
  return `${said(total)} ${total === 1 ? 'evaluation' : 'evaluations'} in ${counts.length} days, ${said(today)} of them today`;
}

function round(px: number): number {
  return Math.round(px * 10) / 10;
}
