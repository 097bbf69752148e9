/** `/api/v1/tokens`: credentials of people, machines and agents for this API. */
import { apiToken, createTokenInput, pageOf } from '@yardarm/contract';
import { z } from 'zod';
import { callerOf } from '../auth/authenticate.ts';
import { executeCommand } from '../changes/execute-command.ts';
import type { App, Management } from '../http/app-type.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { cutPage, pageQuery } from '../http/page.ts';
import { listTokens, mayAdminister } from './token-store.ts';

export function registerTokenRoutes(app: App, management: Management): void {
  app.get(
    '/api/v1/tokens',
    {
      config: { policy: 'token.read' },
      schema: { querystring: pageQuery, response: { 200: pageOf(apiToken), ...ERROR_RESPONSES } },
    },
    async (request) => {
      const caller = callerOf(request);
      const all = await listTokens(management.db);
      const visible = all.filter((one) => mayAdminister(caller, one)).map(({ token }) => token);
      return cutPage(visible, request.query, ({ id }) => id);
    },
  );

  app.post(
    '/api/v1/tokens',
    {
      config: { policy: 'token.create' },
      schema: { body: createTokenInput, response: { 201: apiToken, ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const answer = await executeCommand(management, request, { type: 'token.create', target: {}, input: request.body });
      return reply.header('cache-control', 'no-store').code(201).send(answer);
    },
  );

  app.delete(
    '/api/v1/tokens/:id',
    {
      config: { policy: 'token.revoke' },
      schema: { params: z.object({ id: z.uuid() }), response: { 200: apiToken, ...ERROR_RESPONSES } },
    },
    (request) => executeCommand(management, request, { type: 'token.revoke', target: request.params, input: {} }),
  );
}
