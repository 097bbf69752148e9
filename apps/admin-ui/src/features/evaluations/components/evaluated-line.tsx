/** When a flag was last evaluated in one environment, on its page, and how many of the connected instances report at all. */
import type { CoverageSummary } from '@yardarm/contract';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { coverageSentence, type Evaluated } from '../last-evaluated.ts';

export interface EvaluatedLineProps {
  /** Null: nobody has reported it. */
  readonly evaluated: Evaluated | null;
  readonly coverage: CoverageSummary | undefined;
  /** Where, if that does not go without saying. */
  readonly environmentName?: string;
}

export function EvaluatedLine({ evaluated, coverage, environmentName }: EvaluatedLineProps) {
  const where = environmentName === undefined ? '' : ` in ${environmentName}`;
  return (
    <p className="text-ink-faint text-sm" data-testid="last-evaluated">
      {evaluated === null ? (
        <>No evaluation was reported{where}</>
      ) : (
        <>
          Last evaluated <RelativeTime at={new Date(evaluated.atMs).toISOString()} className="text-ink" />
          {where}
          {evaluated.byDefault && ', by the code default'}
          {evaluated.byBrowsersOnly && ', as browsers say'}
        </>
      )}
      ; {coverageSentence(coverage)}.
    </p>
  );
}
