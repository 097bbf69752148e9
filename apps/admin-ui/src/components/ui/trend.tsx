import { TREND_HEIGHT, TREND_WIDTH, trendPath } from '../../lib/trend.ts';

export interface TrendProps {
  /** The oldest first. */
  readonly counts: readonly number[];
  /** What it shows, in a sentence. */
  readonly label: string;
  /** Of the scale; the highest count unless told otherwise. */
  readonly most?: number;
}

/** Counts over time as a small curve. */
export function Trend({ counts, label, most }: TrendProps) {
  const line = trendPath(counts, most);
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${TREND_WIDTH} ${TREND_HEIGHT}`}
      width={TREND_WIDTH}
      height={TREND_HEIGHT}
      className="shrink-0 text-accent"
    >
      <title>{label}</title>
      <path d={`${line}V${TREND_HEIGHT}H0Z`} className="fill-accent-soft" />
      <path d={line} fill="none" stroke="currentColor" strokeWidth="1.25" strokeLinejoin="round" />
    </svg>
  );
}
