/** When a flag was last evaluated in one environment, in the list, how many of the instances there report, and how it went day by day. */
import type { CoverageSummary } from '@yardarm/contract';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { Trend } from '../../../components/ui/trend.tsx';
import { coverageSentence, coverageWord, type Evaluated } from '../last-evaluated.ts';
import { trendSentence } from '../trend-sentence.ts';

export interface EvaluatedCellProps {
  /** Null: nobody has reported it. */
  readonly evaluated: Evaluated | null;
  readonly environmentName: string;
  readonly coverage: CoverageSummary | undefined;
  /** One count a day, today last; undefined: none, or not known yet. */
  readonly trend: readonly number[] | undefined;
}

export function EvaluatedCell({ evaluated, environmentName, coverage, trend }: EvaluatedCellProps) {
  const when =
    evaluated === null ? (
      <span className="text-ink-faint text-sm" title={`Nobody has reported it in ${environmentName}`}>
        not reported
      </span>
    ) : (
      <div
        className="text-sm leading-4"
        title={`In ${environmentName}, by the ${evaluated.byDefault ? 'code default' : 'rules'}; ${coverageSentence(coverage)} there`}
      >
        <RelativeTime at={new Date(evaluated.atMs).toISOString()} />
        <div className="mt-0.5 text-ink-faint text-xs">{coverageWord(coverage)}</div>
      </div>
    );
  if (!trend) return when;
  return (
    <div className="flex items-center justify-between gap-2 whitespace-nowrap">
      {when}
      <Trend counts={trend} label={trendSentence(trend)} />
    </div>
  );
}
