/** `/api/v1/projects/{project}/flags` */
import {
  committedFlag,
  configureFlagInput,
  createFlagInput,
  environmentKey,
  flag,
  flagEnvironment,
  flagKey,
  pageOf,
  projectKey,
  switchFlagInput,
} from '@yardarm/contract';
import { z } from 'zod';
import { executeCommand } from '../changes/execute-command.ts';
import type { App, Management } from '../http/app-type.ts';
import { readIfMatch, toEntityTag } from '../http/entity-tag.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { oneMore, pageQuery, toPage } from '../http/page.ts';
import { findEnvironment, findProject } from '../projects/project-store.ts';
import { findFlag, findFlagEnvironment, listFlags, loadFlagEnvironments } from './flag-store.ts';
import { presentFlag, presentFlagEnvironment } from './present-flag.ts';

const inProject = z.object({ project: projectKey });
const oneFlag = inProject.extend({ flag: flagKey });
const inEnvironment = oneFlag.extend({ environment: environmentKey });
const FLAGS = '/api/v1/projects/:project/flags';
const FLAG_ENVIRONMENT = `${FLAGS}/:flag/environments/:environment`;

export function registerFlagRoutes(app: App, management: Management): void {
  const { db } = management;

  app.get(
    FLAGS,
    {
      config: { policy: 'flag.read' },
      schema: { params: inProject, querystring: pageQuery, response: { 200: pageOf(flag), ...ERROR_RESPONSES } },
    },
    async (request) => {
      const project = await findProject(db, request.params.project);
      const { items, next } = toPage(await listFlags(db, project.id, oneMore(request.query)), request.query.limit);
      const environments = await loadFlagEnvironments(
        db,
        items.map(({ id }) => id),
      );
      return { items: items.map((row) => presentFlag(row, environments.get(row.id) ?? [])), next };
    },
  );

  app.post(
    FLAGS,
    {
      config: { policy: 'flag.create' },
      schema: { params: inProject, body: createFlagInput, response: { 201: flag, ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const { params: target, body: input } = request;
      return reply.code(201).send(await executeCommand(management, request, { type: 'flag.create', target, input }));
    },
  );

  app.get(
    `${FLAGS}/:flag`,
    { config: { policy: 'flag.read' }, schema: { params: oneFlag, response: { 200: flag, ...ERROR_RESPONSES } } },
    async (request) => {
      const project = await findProject(db, request.params.project);
      const row = await findFlag(db, project, request.params.flag);
      const environments = await loadFlagEnvironments(db, [row.id]);
      return presentFlag(row, environments.get(row.id) ?? []);
    },
  );

  app.get(
    FLAG_ENVIRONMENT,
    {
      config: { policy: 'flag.read' },
      schema: { params: inEnvironment, response: { 200: flagEnvironment, ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const { project, environment } = await findEnvironment(db, request.params.project, request.params.environment);
      const { id } = await findFlag(db, project, request.params.flag);
      const row = await findFlagEnvironment(db, id, environment.id);
      reply.header('etag', toEntityTag(row.version));
      return presentFlagEnvironment(environment.key, row);
    },
  );

  app.patch(
    FLAG_ENVIRONMENT,
    {
      config: { policy: 'flag.configure' },
      schema: { params: inEnvironment, body: configureFlagInput, response: { 200: committedFlag, ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const { params: target, body: input } = request;
      const baseVersions = { configuration: readIfMatch(request.headers['if-match']) };
      const answer = await executeCommand(management, request, { type: 'flag.configure', target, input, baseVersions });
      reply.header('etag', toEntityTag(answer.flag.version));
      return answer;
    },
  );

  for (const verb of ['kill', 'unkill'] as const) {
    app.post(
      `${FLAG_ENVIRONMENT}/${verb}`,
      {
        config: { policy: `flag.${verb}` },
        // The body is optional: at two in the morning `curl -X POST` must be enough.
        schema: { params: inEnvironment, body: switchFlagInput.nullish(), response: { 200: committedFlag, ...ERROR_RESPONSES } },
      },
      (request) => {
        const { params: target, body } = request;
        return executeCommand<'flag.kill' | 'flag.unkill'>(management, request, {
          type: `flag.${verb}`,
          target,
          input: body ?? {},
        });
      },
    );
  }
}
