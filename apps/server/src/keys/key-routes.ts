/** `/api/v1/projects/{project}/environments/{environment}/keys` */
import { createKeyInput, environmentKey, pageOf, projectKey, rotateKeyInput, sdkKey, updateKeyInput } from '@yardarm/contract';
import { asc, eq } from 'drizzle-orm';
import { z } from 'zod';
import { executeCommand } from '../changes/execute-command.ts';
import { sdkKeys } from '../db/schema.ts';
import type { App, Management } from '../http/app-type.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { cutPage, pageQuery } from '../http/page.ts';
import { findEnvironment } from '../projects/project-store.ts';
import { presentKey } from './present-key.ts';

const params = z.object({ project: projectKey, environment: environmentKey });
const keyParams = params.extend({ id: z.uuid() });

export function registerKeyRoutes(app: App, management: Management): void {
  app.get(
    '/api/v1/projects/:project/environments/:environment/keys',
    {
      config: { policy: 'key.read' },
      schema: { params, querystring: pageQuery, response: { 200: pageOf(sdkKey), ...ERROR_RESPONSES } },
    },
    async (request) => {
      const { db } = management;
      const { environment } = await findEnvironment(db, request.params.project, request.params.environment);
      const rows = await db
        .select()
        .from(sdkKeys)
        .where(eq(sdkKeys.environmentId, environment.id))
        .orderBy(asc(sdkKeys.createdAt), asc(sdkKeys.id));
      const all = rows.map((row) => presentKey(environment.key, row));
      return cutPage(all, request.query, ({ id }) => id);
    },
  );

  app.post(
    '/api/v1/projects/:project/environments/:environment/keys',
    {
      config: { policy: 'key.create' },
      schema: { params, body: createKeyInput, response: { 201: sdkKey, ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const { params: target, body: input } = request;
      const answer = await executeCommand(management, request, { type: 'key.create', target, input });
      return reply.header('cache-control', 'no-store').code(201).send(answer);
    },
  );

  app.delete(
    '/api/v1/projects/:project/environments/:environment/keys/:id',
    {
      config: { policy: 'key.revoke' },
      schema: { params: keyParams, response: { 200: sdkKey, ...ERROR_RESPONSES } },
    },
    (request) => executeCommand(management, request, { type: 'key.revoke', target: request.params, input: {} }),
  );

  app.patch(
    '/api/v1/projects/:project/environments/:environment/keys/:id',
    {
      config: { policy: 'key.update' },
      schema: { params: keyParams, body: updateKeyInput, response: { 200: sdkKey, ...ERROR_RESPONSES } },
    },
    (request) => executeCommand(management, request, { type: 'key.update', target: request.params, input: request.body }),
  );

  app.post(
    '/api/v1/projects/:project/environments/:environment/keys/:id/rotate',
    {
      config: { policy: 'key.rotate' },
      schema: { params: keyParams, body: rotateKeyInput, response: { 201: sdkKey, ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const { params: target, body: input } = request;
      const answer = await executeCommand(management, request, { type: 'key.rotate', target, input });
      return reply.header('cache-control', 'no-store').code(201).send(answer);
    },
  );
}
