/** How far the newest revision of an environment has got. */
import { environmentKey, projectKey, type Receipts, receipts } from '@yardarm/contract';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import type { App } from '../http/app-type.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import type { RuleSetCache, ServedEnvironment } from '../ruleset/cache.ts';

const params = z.object({ project: projectKey, environment: environmentKey });

export interface ReceiptRouteOptions {
  readonly cache: RuleSetCache;
  readonly readReceipts: (served: ServedEnvironment) => Promise<Receipts>;
}

export function registerReceiptRoutes(app: App, { cache, readReceipts }: ReceiptRouteOptions): void {
  app.get(
    '/api/v1/projects/:project/environments/:environment/receipts',
    { config: { policy: 'receipts.read' }, schema: { params, response: { 200: receipts, ...ERROR_RESPONSES } } },
    async (request) => {
      const { project, environment } = request.params;
      const served = cache.find(project, environment);
      if (served === undefined) throw new AppError('not_found', `Project '${project}' has no environment '${environment}'.`);
      return readReceipts(served);
    },
  );
}
