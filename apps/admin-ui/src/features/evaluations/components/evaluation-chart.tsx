/**
 * Evaluations by variant over time, stacked. A canvas says nothing to whoever does not see it: the card has the same numbers as a table.
 * Loaded when it is first shown; uPlot sets its few styles through the object model, which the content security policy allows.
 */
import type { Grain } from '@yardarm/contract';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { type EvaluationSeries, slotName, stacked } from '../evaluation-series.ts';

const HEIGHT_PX = 210;

export interface EvaluationChartProps {
  readonly data: EvaluationSeries;
  readonly grain: Grain;
  /** CSS colours, one a series. They are read again when the theme changes. */
  readonly colorOf: (index: number) => string;
  /** The point under the pointer; null: none. */
  readonly onPoint: (index: number | null) => void;
}

export default function EvaluationChart({ data, grain, colorOf, onPoint }: EvaluationChartProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const target = box.current;
    if (target === null) return;
    let plot: uPlot | null = null;
    const draw = () => {
      plot?.destroy();
      plot = new uPlot(optionsOf(target, { data, grain, colorOf, onPoint }), toData(data), target);
    };
    draw();
    const resizing = new ResizeObserver(() => plot?.setSize({ width: target.clientWidth, height: HEIGHT_PX }));
    resizing.observe(target);
    // Either way the theme may change: by choice, or with the system's.
    const choosing = new MutationObserver(draw);
    choosing.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    const system = matchMedia('(prefers-color-scheme: dark)');
    system.addEventListener('change', draw);
    return () => {
      resizing.disconnect();
      choosing.disconnect();
      system.removeEventListener('change', draw);
      plot?.destroy();
    };
  }, [data, grain, colorOf, onPoint]);
  return <div ref={box} aria-hidden="true" className="min-w-0 text-ink-faint" style={{ height: `${HEIGHT_PX}px` }} />;
}

/** The highest first: what is drawn later lies over it, so that each band ends where the next begins. */
function toData(data: EvaluationSeries): uPlot.AlignedData {
  return [data.atMs.map((at) => at / 1_000), ...stacked(data).reverse()];
}

function optionsOf(target: HTMLElement, { data, grain, colorOf, onPoint }: EvaluationChartProps): uPlot.Options {
  const { color: ink } = getComputedStyle(target);
  const line = { stroke: ink, width: 0.5, dash: [2, 4] };
  const font = '11px system-ui, sans-serif';
  const bars = uPlot.paths.bars?.({ size: [0.72, 28], radius: 0.08 });
  return {
    width: target.clientWidth,
    height: HEIGHT_PX,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), 'Etc/UTC'),
    legend: { show: false },
    padding: [8, 30, 0, 0],
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    scales: {
      x: { range: (_, from, to) => [from - stepOf(data) / 2, to + stepOf(data) / 2] },
      y: { range: (_, __, most) => [0, Math.max(most, 1) * 1.05] },
    },
    axes: [
      {
        stroke: ink,
        font,
        grid: { show: false },
        ticks: { show: false },
        size: 26,
        gap: 6,
        space: 70,
        values: (_, all) => all.map((at) => slotName(at * 1_000, grain)),
      },
      { stroke: ink, font, grid: line, ticks: { show: false }, size: 52, gap: 6, values: (_, all) => all.map(toShort) },
    ],
    series: [
      {},
      ...data.series
        .map((_, index) => ({
          fill: colorOf(index),
          stroke: colorOf(index),
          width: 0,
          points: { show: false },
          ...(bars && { paths: bars }),
        }))
        .reverse(),
    ],
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] },
  };
}

function stepOf({ atMs }: EvaluationSeries): number {
  const [first = 0, second = first] = atMs;
  return (second - first) / 1_000;
}

/** `1.2M`, `300`. */
function toShort(count: number): string {
  return new Intl.NumberFormat('en-GB', { notation: 'compact', maximumFractionDigits: 1 }).format(count);
}
