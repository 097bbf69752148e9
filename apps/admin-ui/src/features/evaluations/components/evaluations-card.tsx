/** How often a flag was evaluated in one environment, by what was answered: as a picture, in numbers, and as a table. */
import { useQuery } from '@tanstack/react-query';
import type { Flag, Grain } from '@yardarm/contract';
import { lazy, type ReactNode, Suspense, useCallback, useMemo, useRef, useState } from 'react';
import { Card } from '../../../components/ui/card.tsx';
import { ErrorState } from '../../../components/ui/notice.tsx';
import { OrElse } from '../../../components/ui/or-else.tsx';
import { ScrollRegion } from '../../../components/ui/scroll-region.tsx';
import { Select } from '../../../components/ui/select.tsx';
import { Skeleton } from '../../../components/ui/skeleton.tsx';
import { toSentence } from '../../../lib/api-client.ts';
import { classNames } from '../../../lib/class-names.ts';
import { evaluationsQuery } from '../api/get-evaluations.ts';
import { CODE_DEFAULT, type EvaluationSeries, slotName, toSeries } from '../evaluation-series.ts';

const EvaluationChart = lazy(() => import('./evaluation-chart.tsx'));

const GRAINS: readonly { readonly value: Grain; readonly label: string }[] = [
  { value: 'hour', label: 'Since yesterday, by hour' },
  { value: 'day', label: '28 days, by day' },
  { value: 'month', label: '13 months, by month' },
];

/** One a variant, again from the first where there are more. What is no variant is gray. */
const COLORS = ['bg-env-blue', 'bg-env-orange', 'bg-env-teal', 'bg-env-purple', 'bg-env-pink', 'bg-env-yellow', 'bg-env-green'];

const NUMBERS = 'mt-2 max-h-72 overflow-y-auto rounded-md border border-line';

export interface EvaluationsCardProps {
  readonly project: string;
  readonly flag: Flag;
  /** Key of the environment; undefined while none is known. */
  readonly environment: string | undefined;
  readonly environmentName: ReactNode;
}

export function EvaluationsCard({ project, flag, environment, environmentName }: EvaluationsCardProps) {
  const [grain, setGrain] = useState<Grain>('day');
  const evaluations = useQuery(evaluationsQuery(project, flag.key, environment, grain));
  const data = useMemo(
    () => evaluations.data && toSeries(evaluations.data, Object.keys(flag.variants), Date.now()),
    [evaluations.data, flag.variants],
  );
  return (
    <Card
      title="Evaluations"
      actions={
        <div className="flex items-center gap-3 text-sm">
          <span className="text-ink-soft max-sm:hidden">{environmentName}</span>
          <Select label="Period" value={grain} options={GRAINS} onChange={setGrain} className="my-1.5" />
        </div>
      }
    >
      {evaluations.error && !data ? (
        <ErrorState message={toSentence(evaluations.error)} onRetry={() => void evaluations.refetch()} />
      ) : !data || !evaluations.data ? (
        <div className="p-4" role="status" aria-label="Loading evaluations">
          <Skeleton className="h-52 w-full" />
        </div>
      ) : data.total === 0 ? (
        <p className="px-4 py-10 text-center text-ink-faint text-sm">Nobody has reported an evaluation here in this time.</p>
      ) : (
        <Figure data={data} grain={evaluations.data.grain} />
      )}
    </Card>
  );
}

function Figure({ data, grain }: { readonly data: EvaluationSeries; readonly grain: Grain }) {
  const [point, setPoint] = useState<number | null>(null);
  const swatches = useRef<HTMLDListElement>(null);
  // A canvas knows no classes: it gets the colours that the legend's squares have in this theme.
  const colorOf = useCallback((index: number) => {
    const swatch = swatches.current?.querySelectorAll('[data-swatch]')[index];
    return swatch ? getComputedStyle(swatch).backgroundColor : 'gray';
  }, []);
  const at = point === null ? undefined : data.atMs[point];
  return (
    <figure className="px-4 pt-3 pb-2">
      <OrElse
        fallback={<p className="py-6 text-ink-faint text-sm">This browser does not draw the chart; the table has its numbers.</p>}
      >
        <Suspense fallback={<Skeleton className="h-[210px] w-full" />}>
          <EvaluationChart data={data} grain={grain} colorOf={colorOf} onPoint={setPoint} />
        </Suspense>
      </OrElse>
      <figcaption className="mt-2 mb-1 flex flex-wrap items-baseline gap-x-5 gap-y-1 text-sm">
        <span className="min-w-32 text-ink-faint text-xs tabular-nums">
          {at === undefined ? 'In all' : `${slotName(at, grain)} UTC`}
        </span>
        <dl ref={swatches} className="flex flex-wrap gap-x-5 gap-y-1">
          {data.series.map(({ label, counts, total }, index) => (
            <div key={label} className="flex items-baseline gap-1.5">
              <span
                data-swatch
                aria-hidden="true"
                className={classNames(
                  'size-2.5 translate-y-px rounded-xs',
                  label === CODE_DEFAULT ? 'bg-env-gray' : COLORS[index % COLORS.length],
                )}
              />
              <dt className={classNames(label !== CODE_DEFAULT && 'font-mono text-xs')}>{label}</dt>
              <dd className="text-ink-soft tabular-nums">{toCount(point === null ? total : (counts[point] ?? 0))}</dd>
            </div>
          ))}
        </dl>
      </figcaption>
      <details className="text-sm">
        <summary className="w-fit cursor-pointer rounded text-ink-faint text-xs hover:text-ink">As a table</summary>
        <Numbers data={data} grain={grain} />
      </details>
    </figure>
  );
}

function Numbers({ data, grain }: { readonly data: EvaluationSeries; readonly grain: Grain }) {
  return (
    <ScrollRegion label="Evaluations as a table" className={NUMBERS}>
      <table className="w-full text-left text-xs tabular-nums">
        <thead className="sticky top-0 bg-sunken text-ink-faint">
          <tr>
            <th scope="col" className="px-3 py-1.5 font-medium">
              {{ hour: 'Hour', day: 'Day', month: 'Month' }[grain]} (UTC)
            </th>
            {data.series.map(({ label }) => (
              <th key={label} scope="col" className="px-3 py-1.5 text-right font-medium">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {data.atMs
            .map((at, index) => ({ at, index }))
            .reverse()
            .map(({ at, index }) => (
              <tr key={at}>
                <th scope="row" className="whitespace-nowrap px-3 py-1 font-normal text-ink-soft">
                  {slotName(at, grain)}
                </th>
                {data.series.map(({ label, counts }) => (
                  <td key={label} className="px-3 py-1 text-right">
                    {toCount(counts[index] ?? 0)}
                  </td>
                ))}
              </tr>
            ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

function toCount(count: number): string {
  return count.toLocaleString('en-GB');
}
