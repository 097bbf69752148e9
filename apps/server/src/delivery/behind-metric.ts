import { Gauge } from 'prom-client';
import type { ServedEnvironment } from '../ruleset/cache.ts';
import type { Behind } from './catch-up.ts';

/** What passes sooner is a change on its way. */
const WORTH_TELLING_MS = 1_000;

/** Which environments this server cannot bring to what the database has, and for how long. Made without a registry. */
export function createBehindMetric(
  behind: () => readonly Behind[],
  environment: (environmentId: string) => ServedEnvironment | undefined,
): Gauge {
  return new Gauge({
    name: 'yardarm_environment_behind_seconds',
    help: 'For how long this server has not brought an environment to what the database has of it; one that was never read goes by its id.',
    labelNames: ['project', 'environment'],
    registers: [],
    collect() {
      this.reset();
      for (const { environmentId, forMs } of behind()) {
        if (forMs < WORTH_TELLING_MS) continue;
        const { project = '', environment: key = environmentId } = environment(environmentId)?.rules ?? {};
        this.set({ project, environment: key }, forMs / 1_000);
      }
    },
  });
}
