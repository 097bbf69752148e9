/** What Prometheus hears of telemetry, of this server alone. Made without a registry. */
import { Counter, Gauge, type Metric } from 'prom-client';
import type { WrittenReports } from './report-store.ts';

export interface TelemetryMetrics {
  /** So many reports were given to be written. */
  written(written: WrittenReports, given: number): void;
  refused(): void;
  readonly all: readonly Metric[];
}

/** @param bytes under way; asked at each scrape */
export function createTelemetryMetrics(bytes: () => number): TelemetryMetrics {
  const reports = new Counter({
    name: 'yardarm_telemetry_reports_total',
    help: 'Reports of SDKs: counted, counted before (repeated), and refused to be sent again later.',
    labelNames: ['outcome'],
    registers: [],
  });
  for (const outcome of ['counted', 'repeated', 'refused']) reports.inc({ outcome }, 0);
  const unknown = new Counter({
    name: 'yardarm_telemetry_unknown_flags_total',
    help: 'Reported evaluations of flags that do not exist.',
    registers: [],
  });
  const underWay = new Gauge({
    name: 'yardarm_telemetry_bytes',
    help: 'Bytes of reports that are arriving or wait to be written.',
    registers: [],
    collect() {
      this.set(bytes());
    },
  });
  return {
    written: (written, given) => {
      reports.inc({ outcome: 'counted' }, written.accepted);
      reports.inc({ outcome: 'repeated' }, given - written.accepted);
      unknown.inc(written.unknown);
    },
    refused: () => reports.inc({ outcome: 'refused' }),
    all: [reports, unknown, underWay],
  };
}
