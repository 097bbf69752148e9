/** `/api/v1/projects/{project}/changes` and `change-sets`, and `/api/v1/changes` for what was done to the instance. */
import {
  ACTOR_KINDS,
  CHANGE_KINDS,
  change,
  changeId,
  changeSet,
  environmentKey,
  flagKey,
  pageOf,
  projectKey,
} from '@yardarm/contract';
import { z } from 'zod';
import type { App, Management } from '../http/app-type.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { MAX_PAGE } from '../http/page.ts';
import { findEnvironment, findProject } from '../projects/project-store.ts';
import { findChangeSet } from './find-change-set.ts';
import { listChanges } from './list-changes.ts';

const DEFAULT_PAGE = 50;

const text = z.string().min(1).max(200);
const moment = z.iso.datetime({ offset: true, error: 'A moment looks like 2027-01-31T12:00:00Z.' });
const instanceQuery = z.object({
  actor: text.optional(),
  actorKind: z.enum(ACTOR_KINDS).optional(),
  command: text.optional(),
  kind: z.enum(CHANGE_KINDS).optional(),
  key: text.optional(),
  requestId: text.optional(),
  since: moment.optional(),
  until: moment.optional(),
  q: text.optional(),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE),
  cursor: changeId.optional(),
});
/** `flag` is short for `kind=flag` with this `key`. */
const projectQuery = instanceQuery.extend({ flag: flagKey.optional(), environment: environmentKey.optional() });
const changeSetId = z.string().regex(/^\d{1,18}$/, 'The id of a change set is a number.');

const inProject = z.object({ project: projectKey });
const oneChangeSet = z.object({ id: changeSetId });

export function registerHistoryRoutes(app: App, { db }: Management): void {
  app.get(
    '/api/v1/projects/:project/changes',
    {
      config: { policy: 'history.read' },
      schema: { params: inProject, querystring: projectQuery, response: { 200: pageOf(change), ...ERROR_RESPONSES } },
    },
    async ({ params, query: { flag, environment, ...query } }) => {
      const project = await findProject(db, params.project);
      const environmentId =
        environment === undefined ? undefined : (await findEnvironment(db, params.project, environment)).environment.id;
      return listChanges(db, project.id, { ...query, environmentId, ...(flag !== undefined && { kind: 'flag', key: flag }) });
    },
  );

  app.get(
    '/api/v1/projects/:project/change-sets/:id',
    {
      config: { policy: 'history.read' },
      schema: { params: inProject.extend(oneChangeSet.shape), response: { 200: changeSet, ...ERROR_RESPONSES } },
    },
    async ({ params }) => findChangeSet(db, (await findProject(db, params.project)).id, params.id),
  );

  app.get(
    '/api/v1/changes',
    {
      config: { policy: 'audit.read' },
      schema: { querystring: instanceQuery, response: { 200: pageOf(change), ...ERROR_RESPONSES } },
    },
    ({ query }) => listChanges(db, null, query),
  );

  app.get(
    '/api/v1/change-sets/:id',
    {
      config: { policy: 'audit.read' },
      schema: { params: oneChangeSet, response: { 200: changeSet, ...ERROR_RESPONSES } },
    },
    ({ params }) => findChangeSet(db, null, params.id),
  );
}
