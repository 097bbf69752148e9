/** `1,204 evaluations in 14 days, 80 of them today`. */
export function trendSentence(counts: readonly number[]): string {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const today = counts.at(-1) ?? 0;
  if (total === 0) return `Not evaluated in ${counts.length} days`;
  const said = (count: number) => count.toLocaleString('en-GB');
  return `${said(total)} ${total === 1 ? 'evaluation' : 'evaluations'} in ${counts.length} days, ${said(today)} of them today`;
}
