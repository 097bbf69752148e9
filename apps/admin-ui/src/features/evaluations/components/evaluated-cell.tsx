/** When a flag was last evaluated, in the list: where, and how many of the instances there report. */
import type { CoverageSummary } from '@yardarm/contract';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { coverageSentence, coverageWord, type Evaluated } from '../last-evaluated.ts';

export interface EvaluatedCellProps {
  /** Null: nobody has reported it. */
  readonly evaluated: Evaluated | null;
  readonly environmentName: string;
  readonly coverage: CoverageSummary | undefined;
}

export function EvaluatedCell({ evaluated, environmentName, coverage }: EvaluatedCellProps) {
  if (evaluated === null) return <span className="text-ink-faint text-sm">not reported</span>;
  const answer = evaluated.byDefault ? 'code default' : 'rules';
  return (
    <div
      className="whitespace-nowrap text-sm leading-4"
      title={`In ${environmentName}, by the ${answer}; ${coverageSentence(coverage)} there`}
    >
      <RelativeTime at={new Date(evaluated.atMs).toISOString()} />
      <div className="mt-0.5 text-ink-faint text-xs">{coverageWord(coverage)}</div>
    </div>
  );
}
