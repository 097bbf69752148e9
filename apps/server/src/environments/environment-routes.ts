/** `/api/v1/projects/{project}/environments` */
import {
  createEnvironmentInput,
  environment,
  environmentKey,
  pageOf,
  projectKey,
  updateEnvironmentInput,
} from '@yardarm/contract';
import { z } from 'zod';
import { executeCommand } from '../changes/execute-command.ts';
import type { App, Management } from '../http/app-type.ts';
import { readIfMatch, toEntityTag } from '../http/entity-tag.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { cutPage, pageQuery } from '../http/page.ts';
import { presentEnvironment } from '../projects/present-project.ts';
import { findEnvironmentHead, findProject, listEnvironmentHeads } from '../projects/project-store.ts';

const params = z.object({ project: projectKey });
const oneEnvironment = params.extend({ environment: environmentKey });

export function registerEnvironmentRoutes(app: App, management: Management): void {
  app.get(
    '/api/v1/projects/:project/environments',
    {
      config: { policy: 'environment.read' },
      schema: { params, querystring: pageQuery, response: { 200: pageOf(environment), ...ERROR_RESPONSES } },
    },
    async (request) => {
      const project = await findProject(management.db, request.params.project);
      const rows = await listEnvironmentHeads(management.db, project.id);
      const all = rows.map((row) => presentEnvironment(row.environment, row));
      return cutPage(all, request.query, ({ key }) => key);
    },
  );

  app.post(
    '/api/v1/projects/:project/environments',
    {
      config: { policy: 'environment.create' },
      schema: { params, body: createEnvironmentInput, response: { 201: environment, ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const { params: target, body: input } = request;
      return reply.code(201).send(await executeCommand(management, request, { type: 'environment.create', target, input }));
    },
  );

  app.get(
    '/api/v1/projects/:project/environments/:environment',
    {
      config: { policy: 'environment.read' },
      schema: { params: oneEnvironment, response: { 200: environment, ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const row = await findEnvironmentHead(management.db, request.params.project, request.params.environment);
      // The version of its settings; what it serves has a revision.
      reply.header('etag', toEntityTag(row.environment.version));
      return presentEnvironment(row.environment, row);
    },
  );

  app.patch(
    '/api/v1/projects/:project/environments/:environment',
    {
      config: { policy: 'environment.update' },
      schema: { params: oneEnvironment, body: updateEnvironmentInput, response: { 200: environment, ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const { params: target, body: input } = request;
      const baseVersions = { environment: readIfMatch(request.headers['if-match']) };
      const answer = await executeCommand(management, request, { type: 'environment.update', target, input, baseVersions });
      reply.header('etag', toEntityTag(answer.version));
      return answer;
    },
  );
}
