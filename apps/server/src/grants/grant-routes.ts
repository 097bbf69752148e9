/** `…/grants` of the instance, of a project and of an environment: who may do what there. */
import { createGrantInput, environmentKey, grant, pageOf, projectKey } from '@yardarm/contract';
import { z } from 'zod';
import { executeCommand } from '../changes/execute-command.ts';
import type { App, Management } from '../http/app-type.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { cutPage, pageQuery } from '../http/page.ts';
import { listGrants } from './grant-reads.ts';

const inProject = { project: projectKey };
const PLACES = [
  ['/api/v1', {}],
  ['/api/v1/projects/:project', inProject],
  ['/api/v1/projects/:project/environments/:environment', { ...inProject, environment: environmentKey }],
] as const satisfies readonly (readonly [string, z.ZodRawShape])[];

export function registerGrantRoutes(app: App, management: Management): void {
  for (const [place, shape] of PLACES) {
    const params: z.ZodType<{ project?: string; environment?: string }> = z.object(shape);
    const oneGrant: z.ZodType<{ project?: string; environment?: string; id: string }> = z.object({ ...shape, id: z.uuid() });
    app.get(
      `${place}/grants`,
      {
        config: { policy: 'grant.read' },
        schema: { params, querystring: pageQuery, response: { 200: pageOf(grant), ...ERROR_RESPONSES } },
      },
      async (request) => cutPage(await listGrants(management.db, request.params), request.query, ({ id }) => id),
    );

    app.post(
      `${place}/grants`,
      {
        config: { policy: 'grant.create' },
        schema: { params, body: createGrantInput, response: { 201: grant, ...ERROR_RESPONSES } },
      },
      async (request, reply) => {
        const { params: target, body: input } = request;
        return reply.code(201).send(await executeCommand(management, request, { type: 'grant.create', target, input }));
      },
    );

    app.delete(
      `${place}/grants/:id`,
      { config: { policy: 'grant.delete' }, schema: { params: oneGrant, response: { 200: grant, ...ERROR_RESPONSES } } },
      (request) => executeCommand(management, request, { type: 'grant.delete', target: request.params, input: {} }),
    );
  }
}
