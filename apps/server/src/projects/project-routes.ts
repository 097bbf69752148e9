/** `/api/v1/projects` */
import { createProjectInput, pageOf, project, projectKey, updateProjectInput } from '@yardarm/contract';
import { asc } from 'drizzle-orm';
import { z } from 'zod';
import { callerOf } from '../auth/authenticate.ts';
import { can } from '../auth/policies.ts';
import { executeCommand } from '../changes/execute-command.ts';
import { projects } from '../db/schema.ts';
import type { App, Management } from '../http/app-type.ts';
import { readIfMatch, toEntityTag } from '../http/entity-tag.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { cutPage, pageQuery } from '../http/page.ts';
import { presentProject } from './present-project.ts';
import { findProject } from './project-store.ts';

export function registerProjectRoutes(app: App, management: Management): void {
  app.get(
    '/api/v1/projects',
    {
      config: { policy: 'project.list' },
      schema: { querystring: pageQuery, response: { 200: pageOf(project), ...ERROR_RESPONSES } },
    },
    async (request) => {
      const caller = callerOf(request);
      const rows = await management.db.select().from(projects).orderBy(asc(projects.key));
      const readable = rows.filter(({ key }) => can(caller, 'project.read', { project: key }));
      return cutPage(readable.map(presentProject), request.query, ({ key }) => key);
    },
  );

  app.post(
    '/api/v1/projects',
    {
      config: { policy: 'project.create' },
      schema: { body: createProjectInput, response: { 201: project, ...ERROR_RESPONSES } },
    },
    async (request, reply) =>
      reply
        .code(201)
        .send(await executeCommand(management, request, { type: 'project.create', target: {}, input: request.body })),
  );

  app.get(
    '/api/v1/projects/:project',
    {
      config: { policy: 'project.read' },
      schema: { params: z.object({ project: projectKey }), response: { 200: project, ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const row = await findProject(management.db, request.params.project);
      reply.header('etag', toEntityTag(row.version));
      return presentProject(row);
    },
  );

  app.patch(
    '/api/v1/projects/:project',
    {
      config: { policy: 'project.update' },
      schema: {
        params: z.object({ project: projectKey }),
        body: updateProjectInput,
        response: { 200: project, ...ERROR_RESPONSES },
      },
    },
    async (request, reply) => {
      const { params: target, body: input } = request;
      const baseVersions = { project: readIfMatch(request.headers['if-match']) };
      const answer = await executeCommand(management, request, { type: 'project.update', target, input, baseVersions });
      reply.header('etag', toEntityTag(answer.version));
      return answer;
    },
  );
}
