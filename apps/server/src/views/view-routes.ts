/** `/api/v1/projects/{project}/views`: filters under a name, one's own and those that are shared. */
import { projectKey, savedView, savedViews, saveViewInput } from '@yardarm/contract';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { callerOf } from '../auth/authenticate.ts';
import { authorize } from '../auth/policies.ts';
import type { App, Management } from '../http/app-type.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { findProject } from '../projects/project-store.ts';
import { deleteView, findView, listViews, presentView, saveView } from './view-store.ts';

const VIEWS = '/api/v1/projects/:project/views';
const inProject = z.object({ project: projectKey });

export function registerViewRoutes(app: App, { db, now }: Management): void {
  app.get(
    VIEWS,
    { config: { policy: 'view.list' }, schema: { params: inProject, response: { 200: savedViews, ...ERROR_RESPONSES } } },
    async (request) => {
      const project = await findProject(db, request.params.project);
      return { items: (await listViews(db, project.id, ownerOf(request))).map(presentView) };
    },
  );

  app.post(
    VIEWS,
    {
      config: { policy: 'view.save' },
      schema: { params: inProject, body: saveViewInput, response: { 200: savedView, ...ERROR_RESPONSES } },
    },
    async (request) => {
      const { params, body } = request;
      const project = await findProject(db, params.project);
      if (body.shared) authorize(callerOf(request), 'view.share', { project: project.key });
      const ownerId = body.shared ? null : ownerOf(request);
      return presentView(await saveView(db, { project, ownerId }, body, now()));
    },
  );

  app.delete(
    `${VIEWS}/:id`,
    {
      config: { policy: 'view.save' },
      schema: { params: inProject.extend({ id: z.uuid() }), response: { 204: z.null(), ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const { params } = request;
      const project = await findProject(db, params.project);
      const view = await findView(db, project.id, params.id, ownerOf(request));
      if (view.ownerId === null) authorize(callerOf(request), 'view.share', { project: project.key });
      await deleteView(db, project, view);
      return reply.code(204).send(null);
    },
  );
}

function ownerOf(request: FastifyRequest): string {
  return callerOf(request).actor.id;
}
