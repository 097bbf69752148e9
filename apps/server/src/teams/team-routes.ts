/** `/api/v1/teams` */
import { createTeamInput, deleteTeamInput, pageOf, team, teamKey, updateTeamInput } from '@yardarm/contract';
import { z } from 'zod';
import { executeCommand } from '../changes/execute-command.ts';
import type { App, Management } from '../http/app-type.ts';
import { readIfMatch, toEntityTag } from '../http/entity-tag.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { oneMore, pageQuery, toPage } from '../http/page.ts';
import { findTeam, listTeams, presentTeam } from './team-store.ts';

const oneTeam = z.object({ team: teamKey });
const TEAMS = '/api/v1/teams';

export function registerTeamRoutes(app: App, management: Management): void {
  const { db } = management;

  app.get(
    TEAMS,
    {
      config: { policy: 'team.list' },
      schema: { querystring: pageQuery, response: { 200: pageOf(team), ...ERROR_RESPONSES } },
    },
    async ({ query }) => toPage(await listTeams(db, oneMore(query)), query.limit),
  );

  app.post(
    TEAMS,
    {
      config: { policy: 'team.create' },
      schema: { body: createTeamInput, response: { 201: team, ...ERROR_RESPONSES } },
    },
    async (request, reply) =>
      reply.code(201).send(await executeCommand(management, request, { type: 'team.create', target: {}, input: request.body })),
  );

  app.get(
    `${TEAMS}/:team`,
    { config: { policy: 'team.list' }, schema: { params: oneTeam, response: { 200: team, ...ERROR_RESPONSES } } },
    async (request, reply) => {
      const row = await findTeam(db, request.params.team);
      reply.header('etag', toEntityTag(row.version));
      return presentTeam(db, row);
    },
  );

  app.patch(
    `${TEAMS}/:team`,
    {
      config: { policy: 'team.update' },
      schema: { params: oneTeam, body: updateTeamInput, response: { 200: team, ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const { params: target, body: input } = request;
      const baseVersions = { team: readIfMatch(request.headers['if-match']) };
      const answer = await executeCommand(management, request, { type: 'team.update', target, input, baseVersions });
      reply.header('etag', toEntityTag(answer.version));
      return answer;
    },
  );

  app.delete(
    `${TEAMS}/:team`,
    {
      config: { policy: 'team.delete' },
      schema: { params: oneTeam, querystring: deleteTeamInput, response: { 204: z.null(), ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const { params: target, query: input } = request;
      const baseVersions = { team: readIfMatch(request.headers['if-match']) };
      await executeCommand(management, request, { type: 'team.delete', target, input, baseVersions });
      return reply.code(204).send(null);
    },
  );
}
