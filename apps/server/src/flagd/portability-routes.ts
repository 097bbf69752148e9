/** Which flags of an environment flagd can decide too, for the people who make them: what `/flagd/v1/obstacles` tells holders of a key. */
import { environmentKey, portabilityReport, projectKey } from '@yardarm/contract';
import type { Obstacle } from '@yardarm/evaluator/to-flagd';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import type { App } from '../http/app-type.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import type { RuleSetCache } from '../ruleset/cache.ts';
import type { FlagdDefinitions } from './flagd-export.ts';

const params = z.object({ project: projectKey, environment: environmentKey });

export interface PortabilityOptions {
  readonly cache: RuleSetCache;
  readonly definitions: FlagdDefinitions;
}

export function registerPortabilityRoutes(app: App, { cache, definitions }: PortabilityOptions): void {
  app.get(
    '/api/v1/projects/:project/environments/:environment/portability',
    { config: { policy: 'flag.read' }, schema: { params, response: { 200: portabilityReport, ...ERROR_RESPONSES } } },
    async (request) => {
      const { project, environment } = request.params;
      const served = cache.find(project, environment);
      if (served === undefined) throw new AppError('not_found', `Project '${project}' has no environment '${environment}'.`);
      const { obstacles } = await definitions(served);
      const named = Object.entries(obstacles).map(([flag, found]): [string, Obstacle[]] => [flag, [...found]]);
      return { environment, revision: served.rules.revision, obstacles: Object.fromEntries(named) };
    },
  );
}
