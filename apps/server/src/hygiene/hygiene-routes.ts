/** Hygiene, for people and pipelines: verdicts, what is to be cleaned up, and what a check needs to know. */
import { assessedFlag, checkSnapshot, flagKey, flagVerdict, hygieneOverview, pageOf, projectKey } from '@yardarm/contract';
import { z } from 'zod';
import { findFlag } from '../flags/flag-store.ts';
import type { App, Management } from '../http/app-type.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { pageQuery } from '../http/page.ts';
import { serializePresented } from '../http/zod-compilers.ts';
import { findProject } from '../projects/project-store.ts';
import { listAssessed } from './list-assessed.ts';
import { readCheckSnapshot } from './read-check-snapshot.ts';
import { readOverview } from './read-overview.ts';
import { readVerdict } from './read-verdict.ts';

const PROJECT = '/api/v1/projects/:project';
const inProject = z.object({ project: projectKey });

export function registerHygieneRoutes(app: App, { db, now }: Management): void {
  app.get(
    `${PROJECT}/flags/:flag/verdict`,
    {
      config: { policy: 'flag.read' },
      schema: { params: inProject.extend({ flag: flagKey }), response: { 200: flagVerdict, ...ERROR_RESPONSES } },
    },
    async ({ params }) => {
      const project = await findProject(db, params.project);
      return readVerdict(db, project, await findFlag(db, project, params.flag), now());
    },
  );

  app.get(
    `${PROJECT}/hygiene`,
    { config: { policy: 'flag.read' }, schema: { params: inProject, response: { 200: hygieneOverview, ...ERROR_RESPONSES } } },
    async ({ params }) => readOverview(db, await findProject(db, params.project), now()),
  );

  app.get(
    `${PROJECT}/hygiene/flags`,
    {
      config: { policy: 'flag.read' },
      schema: { params: inProject, querystring: pageQuery, response: { 200: pageOf(assessedFlag), ...ERROR_RESPONSES } },
      serializerCompiler: serializePresented,
    },
    async ({ params, query }) => listAssessed(db, await findProject(db, params.project), query, now()),
  );

  app.get(
    `${PROJECT}/check-snapshot`,
    {
      config: { policy: 'flag.read' },
      schema: { params: inProject, response: { 200: checkSnapshot, ...ERROR_RESPONSES } },
      serializerCompiler: serializePresented,
    },
    async ({ params }) => readCheckSnapshot(db, await findProject(db, params.project), now()),
  );
}
