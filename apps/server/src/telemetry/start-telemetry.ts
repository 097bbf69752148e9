/** Composition of telemetry: gate -> queue -> one transaction a second; beside it the roll-up, and how many of those connected report. */
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Metric } from 'prom-client';
import type { Database } from '../db/client.ts';
import type { ViewSource } from '../delivery/find-view.ts';
import type { Reader } from './coverage.ts';
import { createReportQueue } from './report-queue.ts';
import { writeReports } from './report-store.ts';
import { startRollUp } from './roll-up.ts';
import { startCoverage } from './start-coverage.ts';
import { createTelemetryBudget } from './telemetry-budget.ts';
import { createTelemetryMetrics } from './telemetry-metrics.ts';
import { registerTelemetryRoute } from './telemetry-route.ts';

export interface TelemetryDependencies {
  /** Over connections of its own: a flood of reports takes none that anything else needs. */
  readonly db: Database;
  readonly log: FastifyBaseLogger;
  /** Those that are connected to this server. */
  readonly readers: () => Iterable<Reader>;
  /** The database's clock, epoch milliseconds. */
  readonly databaseNow: () => number;
  /** Of this server alone, the same after a restart. Left out or null: it has none. */
  readonly instanceName?: string | null;
  /** How often this server tells others how many of its readers report. */
  readonly coverageEveryMs?: number;
}

export interface Telemetry {
  /** Register it after the other routes of SDKs. */
  readonly registerRoute: (app: FastifyInstance, source: ViewSource) => Promise<void>;
  readonly metrics: readonly Metric[];
  /** Writes what waits. */
  close(): Promise<void>;
}

export function startTelemetry({
  db,
  log,
  readers,
  databaseNow,
  instanceName,
  coverageEveryMs,
}: TelemetryDependencies): Telemetry {
  const budget = createTelemetryBudget();
  const metrics = createTelemetryMetrics(budget.bytes);
  const queue = createReportQueue({
    write: (reports) => writeReports(db, reports),
    onWritten: metrics.written,
    timers: { delay: (ms) => delay(ms, undefined, { ref: false }), nowMs: () => performance.now() },
    log,
  });
  const rollUp = startRollUp({ db, log });
  const coverage = startCoverage({
    db,
    name: instanceName ?? null,
    readers,
    databaseNow,
    ...(coverageEveryMs !== undefined && { everyMs: coverageEveryMs }),
    log,
  });
  return {
    registerRoute: (app, source) => registerTelemetryRoute(app, { source, budget, queue, onRefused: metrics.refused }),
    metrics: metrics.all,
    close: async () => {
      rollUp.close();
      await Promise.all([queue.close(), coverage.close()]);
    },
  };
}
