/** What Prometheus hears of the database, of this server alone. Made without a registry. */
import { Gauge } from 'prom-client';

/** @param silentMs milliseconds since it last answered; asked at each scrape */
export function createDatabaseGauge(silentMs: () => number, maxSilentMs: number): Gauge {
  return new Gauge({
    name: 'yardarm_database_up',
    help: 'Whether the database answers this server: 1, or 0 after some seconds without an answer.',
    registers: [],
    collect() {
      this.set(silentMs() <= maxSilentMs ? 1 : 0);
    },
  });
}
