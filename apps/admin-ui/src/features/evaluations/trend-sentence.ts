import { counted, grouped } from '../../lib/counted.ts';

/** `1,204 evaluations in 14 days, 80 of them today`. */
export function trendSentence(counts: readonly number[]): string {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const today = counts.at(-1) ?? 0;
  if (total === 0) return `Not evaluated in ${counts.length} days`;
  return `${counted(total, 'evaluation')} in ${counts.length} days, ${grouped(today)} of them today`;
}
