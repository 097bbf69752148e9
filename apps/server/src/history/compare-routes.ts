/** Comparisons of two revisions of an environment, and of two environments. Read from `rule_objects` alone. */
import { environmentComparison, environmentKey, projectKey, revisionComparison } from '@yardarm/contract';
import { z } from 'zod';
import { loadTextsAt, requireRevision } from '../changes/load-texts-at.ts';
import type { App, Management } from '../http/app-type.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { findEnvironmentHead } from '../projects/project-store.ts';
import { compareEnvironments, compareRevisions } from './compare.ts';

const revisionText = z.coerce.number().int().min(0);

export function registerCompareRoutes(app: App, { db }: Management): void {
  app.get(
    '/api/v1/projects/:project/environments/:environment/compare',
    {
      config: { policy: 'history.read' },
      schema: {
        params: z.object({ project: projectKey, environment: environmentKey }),
        querystring: z.object({ from: revisionText, to: revisionText }),
        response: { 200: revisionComparison, ...ERROR_RESPONSES },
      },
    },
    async ({ params, query: { from, to } }) => {
      const { environment, revision: newest } = await findEnvironmentHead(db, params.project, params.environment);
      for (const revision of [from, to]) requireRevision(revision, newest, environment);
      const [was, is] = [await loadTextsAt(db, environment.id, from), await loadTextsAt(db, environment.id, to)];
      return { environment: environment.key, from, to, items: await compareRevisions(was, is) };
    },
  );

  app.get(
    '/api/v1/projects/:project/compare',
    {
      config: { policy: 'history.read' },
      schema: {
        params: z.object({ project: projectKey }),
        querystring: z.object({ from: environmentKey, to: environmentKey }),
        response: { 200: environmentComparison, ...ERROR_RESPONSES },
      },
    },
    async ({ params, query }) => {
      const [from, to] = [await side(params.project, query.from), await side(params.project, query.to)];
      return {
        from: { environment: query.from, revision: from.revision },
        to: { environment: query.to, revision: to.revision },
        ...(await compareEnvironments(from.texts, to.texts)),
      };
    },
  );

  async function side(project: string, key: string) {
    const { environment, revision } = await findEnvironmentHead(db, project, key);
    return { revision, texts: await loadTextsAt(db, environment.id, revision) };
  }
}
