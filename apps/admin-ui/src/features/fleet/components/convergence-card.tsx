/** How long changes took from commit to being run, over time and by app. */
import { CONVERGENCE_RANGES, type Convergence, type ConvergenceRange } from '@yardarm/contract';
import { useLayoutEffect, useRef, useState } from 'react';
import { Card } from '../../../components/ui/card.tsx';
import { ScrollRegion } from '../../../components/ui/scroll-region.tsx';
import { Select } from '../../../components/ui/select.tsx';
import { toDay, toDuration, toExactTime } from '../../../lib/time.ts';
import { chartLines, chartMarks } from '../convergence-chart.ts';

const RANGE_LABELS: Readonly<Record<ConvergenceRange, string>> = {
  day: 'Last 24 hours',
  week: 'Last 7 days',
  month: 'Last 28 days',
};
const HEIGHT_PX = 120;
/** Room for the words of the scale, left of the picture. */
const SCALE_PX = 56;

export interface ConvergenceCardProps {
  readonly convergence: Convergence;
  readonly onRange: (range: ConvergenceRange) => void;
}

type Of = Pick<Convergence['apps'][number], 'keyKind' | 'app'>;

export function ConvergenceCard({ convergence, onRange }: ConvergenceCardProps) {
  const { apps, items, range } = convergence;
  const [chosen, setChosen] = useState<string | null>(null);
  const shown = apps.find((app) => idOf(app) === chosen) ?? apps[0];
  return (
    <Card
      title="Commit to running"
      actions={
        <Select
          label="Time"
          value={range}
          options={CONVERGENCE_RANGES.map((value) => ({ value, label: RANGE_LABELS[value] }))}
          onChange={onRange}
        />
      }
    >
      {!shown ? (
        <p className="px-4 py-8 text-balance text-center text-ink-faint text-sm">
          No change has reached a connected instance in this time. Every one that does is counted here.
        </p>
      ) : (
        <>
          <Chart convergence={convergence} items={items.filter((item) => idOf(item) === idOf(shown))} name={nameOf(shown)} />
          <ScrollRegion label="Convergence by app" className="border-line border-t">
            <table className="w-full text-left text-sm">
              <thead className="border-line border-b text-ink-faint text-xs">
                <tr>
                  <th scope="col" className="px-4 py-2 font-medium">
                    App
                  </th>
                  <th scope="col" className="px-2 py-2 text-right font-medium max-sm:hidden">
                    Receipts
                  </th>
                  {['p50', 'p95', 'p99'].map((title) => (
                    <th key={title} scope="col" className="px-2 py-2 text-right font-medium last:pr-4">
                      {title}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody className="divide-y divide-line tabular-nums">
                {apps.map((app) => (
                  <tr key={idOf(app)} className="hover:bg-hover">
                    <th scope="row" className="w-full max-w-0 px-4 py-1.5 font-medium">
                      <button
                        type="button"
                        aria-pressed={idOf(app) === idOf(shown)}
                        onClick={() => setChosen(idOf(app))}
                        className="wrap-anywhere max-w-full rounded text-left underline-offset-3 hover:underline aria-pressed:text-accent"
                      >
                        {nameOf(app)}
                      </button>
                    </th>
                    <td className="px-2 py-1.5 text-right text-ink-soft max-sm:hidden">{app.n.toLocaleString('en-GB')}</td>
                    <td className="whitespace-nowrap px-2 py-1.5 text-right last:pr-4">{toDuration(app.p50Ms)}</td>
                    <td className="whitespace-nowrap px-2 py-1.5 text-right last:pr-4">{toDuration(app.p95Ms)}</td>
                    <td className="whitespace-nowrap px-2 py-1.5 text-right last:pr-4">{toDuration(app.p99Ms)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </ScrollRegion>
        </>
      )}
    </Card>
  );
}

interface ChartProps {
  readonly convergence: Convergence;
  readonly items: Convergence['items'];
  readonly name: string;
}

function Chart({ convergence, items, name }: ChartProps) {
  const picture = useRef<SVGSVGElement>(null);
  const [widthPx, setWidthPx] = useState(0);
  // As wide as it is drawn, so that its words are as large as others.
  useLayoutEffect(() => {
    const measure = () => setWidthPx(Math.max(0, (picture.current?.clientWidth ?? 0) - SCALE_PX));
    measure();
    const observer = new ResizeObserver(measure);
    if (picture.current) observer.observe(picture.current);
    return () => observer.disconnect();
  }, []);
  const size = { width: widthPx, height: HEIGHT_PX };
  const marks = chartMarks(items, convergence, size, Date.now());
  return (
    <figure className="px-4 pt-4 pb-3">
      <svg
        role="img"
        aria-label={`How long changes took to reach ${name}: half of its instances, 95 % and 99 %. The numbers are in the table.`}
        ref={picture}
        viewBox={`${-SCALE_PX} -8 ${size.width + SCALE_PX} ${size.height + 16}`}
        height={size.height + 16}
        className="w-full"
      >
        {chartLines(items, size.height).map(({ ms, y }) => (
          <g key={ms}>
            <line x1={0} x2={size.width} y1={y} y2={y} className="stroke-line" />
            <text
              x={-8}
              y={y}
              textAnchor="end"
              dominantBaseline="middle"
              className="fill-ink-faint text-[0.6875rem] tabular-nums"
            >
              {toDuration(ms)}
            </text>
          </g>
        ))}
        {marks.map(({ at, x, width, p50Y, p95Y, p99Y }, index) => {
          const middle = x + width / 2;
          const { n = 0, p50Ms = 0, p95Ms = 0, p99Ms = 0 } = items[index] ?? {};
          return (
            <g key={at}>
              <title>
                {`${toExactTime(Date.parse(at))}: p50 ${toDuration(p50Ms)}, p95 ${toDuration(p95Ms)}, p99 ${toDuration(p99Ms)}, ${n} receipts`}
              </title>
              <rect x={x} y={0} width={width} height={size.height} fill="transparent" />
              <line
                x1={middle}
                x2={middle}
                y1={p50Y}
                y2={p99Y}
                strokeWidth={3}
                strokeLinecap="round"
                className="stroke-accent/35"
              />
              <circle cx={middle} cy={p99Y} r={2.5} className="fill-warn" />
              <circle cx={middle} cy={p95Y} r={2.5} className="fill-accent" />
              <circle cx={middle} cy={p50Y} r={3.5} className="fill-good" />
            </g>
          );
        })}
      </svg>
      <figcaption className="mt-1 flex flex-wrap items-center justify-between gap-x-4 text-ink-faint text-xs">
        <span>{toDay(Date.parse(convergence.since))}</span>
        <span className="flex flex-wrap gap-x-3">
          <span className="font-medium text-ink-soft max-sm:hidden">{name}</span>
          <Key className="bg-good" text="p50" />
          <Key className="bg-accent" text="p95" />
          <Key className="bg-warn" text="p99" />
        </span>
        <span>now</span>
      </figcaption>
    </figure>
  );
}

function Key({ className, text }: { readonly className: string; readonly text: string }) {
  return (
    <span className="inline-flex items-center gap-1">
      <span aria-hidden="true" className={`size-2 rounded-full ${className}`} />
      {text}
    </span>
  );
}

function idOf({ keyKind, app }: Of): string {
  return JSON.stringify([keyKind, app]);
}

function nameOf({ keyKind, app }: Of): string {
  return app ?? (keyKind === 'server' ? 'unnamed app' : 'unnamed page');
}
