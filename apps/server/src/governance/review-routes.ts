/** `/api/v1/projects/{project}/reviews`, and `/api/v1/reviews` for what was done to the instance. */
import { closeReviewInput, pageOf, projectKey, review } from '@yardarm/contract';
import { z } from 'zod';
import { executeCommand } from '../changes/execute-command.ts';
import type { App, Management } from '../http/app-type.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { MAX_PAGE } from '../http/page.ts';
import { findProject } from '../projects/project-store.ts';
import { listReviews } from './review-store.ts';

const querystring = z.object({
  state: z.enum(['open', 'closed']).default('open'),
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(50),
  cursor: z.uuid().optional(),
});
const inProject = z.object({ project: projectKey });
const oneReview = z.object({ id: z.uuid() });

export function registerReviewRoutes(app: App, management: Management): void {
  const { db } = management;
  const list = { querystring, response: { 200: pageOf(review), ...ERROR_RESPONSES } };
  const close = { body: closeReviewInput, response: { 200: review, ...ERROR_RESPONSES } };

  app.get(
    '/api/v1/projects/:project/reviews',
    { config: { policy: 'history.read' }, schema: { params: inProject, ...list } },
    async ({ params, query }) => listReviews(db, { projectId: (await findProject(db, params.project)).id, ...query }),
  );

  app.get('/api/v1/reviews', { config: { policy: 'audit.read' }, schema: list }, ({ query }) =>
    listReviews(db, { projectId: null, ...query }),
  );

  app.post(
    '/api/v1/projects/:project/reviews/:id/close',
    { config: { policy: 'review.close' }, schema: { params: inProject.extend(oneReview.shape), ...close } },
    (request) => executeCommand(management, request, { type: 'review.close', target: request.params, input: request.body }),
  );

  app.post(
    '/api/v1/reviews/:id/close',
    { config: { policy: 'review.close' }, schema: { params: oneReview, ...close } },
    (request) => executeCommand(management, request, { type: 'review.close', target: request.params, input: request.body }),
  );
}
