/** `/api/v1/users`: people, invited and reset by links that an administrator hands over. */
import { inviteUserInput, pageOf, reasonOnly, updateUserInput, user } from '@yardarm/contract';
import { z } from 'zod';
import { executeCommand } from '../changes/execute-command.ts';
import type { App, Management } from '../http/app-type.ts';
import { readIfMatch, toEntityTag } from '../http/entity-tag.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { cutPage, pageQuery } from '../http/page.ts';
import { presentUser, presentUsers } from './user-store.ts';

const USERS = '/api/v1/users';
const params = z.object({ user: z.uuid() });

export function registerUserRoutes(app: App, management: Management): void {
  const { db } = management;
  app.get(
    USERS,
    { config: { policy: 'user.read' }, schema: { querystring: pageQuery, response: { 200: pageOf(user), ...ERROR_RESPONSES } } },
    async ({ query }) => cutPage(await presentUsers(db), query, ({ id }) => id),
  );

  app.post(
    USERS,
    { config: { policy: 'user.invite' }, schema: { body: inviteUserInput, response: { 201: user, ...ERROR_RESPONSES } } },
    async (request, reply) => {
      const answer = await executeCommand(management, request, { type: 'user.invite', target: {}, input: request.body });
      return reply.header('cache-control', 'no-store').code(201).send(answer);
    },
  );

  app.get(
    `${USERS}/:user`,
    { config: { policy: 'user.read' }, schema: { params, response: { 200: user, ...ERROR_RESPONSES } } },
    async (request, reply) => {
      const answer = await presentUser(db, request.params.user);
      reply.header('etag', toEntityTag(answer.version));
      return answer;
    },
  );

  app.patch(
    `${USERS}/:user`,
    {
      config: { policy: 'user.update' },
      schema: { params, body: updateUserInput, response: { 200: user, ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const { params: target, body: input } = request;
      const baseVersions = { user: readIfMatch(request.headers['if-match']) };
      const answer = await executeCommand(management, request, { type: 'user.update', target, input, baseVersions });
      reply.header('etag', toEntityTag(answer.version));
      return answer;
    },
  );

  for (const verb of ['disable', 'enable', 'reset'] as const) {
    app.post(
      `${USERS}/:user/${verb}`,
      {
        config: { policy: `user.${verb}` },
        schema: { params, body: reasonOnly.nullish(), response: { 200: user, ...ERROR_RESPONSES } },
      },
      async (request, reply) => {
        const command = { type: `user.${verb}` as const, target: request.params, input: request.body ?? {} };
        const answer = await executeCommand<'user.disable' | 'user.enable' | 'user.reset'>(management, request, command);
        return reply.header('cache-control', 'no-store').send(answer);
      },
    );
  }
}
