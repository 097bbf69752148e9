/** Who is connected to an environment, and how long changes take to reach them. */
import { CONVERGENCE_RANGES, convergence, environmentKey, type Fleet, fleet, projectKey } from '@yardarm/contract';
import { z } from 'zod';
import type { Database } from '../db/client.ts';
import { AppError } from '../errors.ts';
import type { App } from '../http/app-type.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import type { RuleSetCache, ServedEnvironment } from '../ruleset/cache.ts';
import { RANGES, summariseConvergence } from './convergence.ts';
import { readConvergence } from './fleet-store.ts';

const ENVIRONMENT = '/api/v1/projects/:project/environments/:environment';
const params = z.object({ project: projectKey, environment: environmentKey });

export interface FleetRouteOptions {
  readonly db: Database;
  readonly cache: RuleSetCache;
  readonly readFleet: (served: ServedEnvironment) => Promise<Fleet>;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export function registerFleetRoutes(app: App, { db, cache, readFleet, now }: FleetRouteOptions): void {
  function find({ project, environment }: z.infer<typeof params>): ServedEnvironment {
    const served = cache.find(project, environment);
    if (served === undefined) throw new AppError('not_found', `Project '${project}' has no environment '${environment}'.`);
    return served;
  }

  app.get(
    `${ENVIRONMENT}/fleet`,
    { config: { policy: 'receipts.read' }, schema: { params, response: { 200: fleet, ...ERROR_RESPONSES } } },
    (request) => readFleet(find(request.params)),
  );

  app.get(
    `${ENVIRONMENT}/convergence`,
    {
      config: { policy: 'receipts.read' },
      schema: {
        params,
        querystring: z.object({
          range: z.enum(CONVERGENCE_RANGES).default('day').describe('How far back: a day, a week or 28 days.'),
        }),
        response: { 200: convergence, ...ERROR_RESPONSES },
      },
    },
    async ({ params: place, query: { range } }) => {
      const { environmentId, environment } = find(place).rules;
      const { rangeMs, slotMs } = RANGES[range];
      const sinceMs = Math.floor((now() - rangeMs) / slotMs) * slotMs;
      const rows = await readConvergence(db, environmentId, sinceMs);
      const since = new Date(sinceMs).toISOString();
      return { environment, range, since, slotSeconds: slotMs / 1_000, ...summariseConvergence(rows, range) };
    },
  );
}
