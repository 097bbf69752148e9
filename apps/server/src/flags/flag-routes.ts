/** `/api/v1/projects/{project}/flags` */
import {
  archiveFlagInput,
  archiveFlagsInput,
  committedFlag,
  configureFlagInput,
  createFlagInput,
  editedFlags,
  environmentKey,
  flag,
  flagEnvironment,
  flagKey,
  killedFlags,
  killFlagsInput,
  pageOf,
  projectKey,
  snoozeFlagInput,
  switchFlagInput,
  unsnoozeFlagInput,
  updatedFlag,
  updateFlagInput,
  updateFlagsInput,
} from '@yardarm/contract';
import { z } from 'zod';
import { executeCommand } from '../changes/execute-command.ts';
import type { App, Management } from '../http/app-type.ts';
import { readIfMatch, toEntityTag } from '../http/entity-tag.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { serializePresented } from '../http/zod-compilers.ts';
import { windowsOf } from '../projects/present-project.ts';
import { findEnvironment, findProject } from '../projects/project-store.ts';
import { findFlag, findFlagEnvironment } from './flag-store.ts';
import { flagsQuery, listFlags } from './list-flags.ts';
import { loadFlag, loadFlags } from './load-flags.ts';
import { presentFlagEnvironment } from './present-flag.ts';

const inProject = z.object({ project: projectKey });
const oneFlag = inProject.extend({ flag: flagKey });
const inEnvironment = oneFlag.extend({ environment: environmentKey });
const FLAGS = '/api/v1/projects/:project/flags';
const FLAG_ENVIRONMENT = `${FLAGS}/:flag/environments/:environment`;

/** Above the 10 s that a kill waits for another change. */
const KILL_TIMEOUT_MS = 14_500;

/** @param killing the same over connections that nothing but kills may use up */
export function registerFlagRoutes(app: App, management: Management, killing: Management): void {
  const { db, now } = management;

  app.get(
    FLAGS,
    {
      config: { policy: 'flag.read' },
      schema: { params: inProject, querystring: flagsQuery, response: { 200: pageOf(flag), ...ERROR_RESPONSES } },
      serializerCompiler: serializePresented,
    },
    async ({ params, query }) => {
      const project = await findProject(db, params.project);
      const environmentId = query.environment && (await findEnvironment(db, project.key, query.environment)).environment.id;
      const scope = { projectId: project.id, environmentId, nowMs: now(), windows: windowsOf(project) };
      const { rows, next } = await listFlags(db, scope, query);
      return { items: await loadFlags(db, rows, now()), next };
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

  app.patch(
    FLAGS,
    {
      config: { policy: 'flag.update' },
      schema: { params: inProject, body: updateFlagsInput, response: { 200: editedFlags, ...ERROR_RESPONSES } },
    },
    (request) => {
      const { params: target, body: input } = request;
      return executeCommand(management, request, { type: 'flag.update_many', target, input });
    },
  );

  app.post(
    '/api/v1/projects/:project/archive',
    {
      config: { policy: 'flag.archive' },
      schema: { params: inProject, body: archiveFlagsInput, response: { 200: editedFlags, ...ERROR_RESPONSES } },
    },
    (request) => {
      const { params: target, body: input } = request;
      return executeCommand(management, request, { type: 'flag.archive_many', target, input });
    },
  );

  app.get(
    `${FLAGS}/:flag`,
    { config: { policy: 'flag.read' }, schema: { params: oneFlag, response: { 200: flag, ...ERROR_RESPONSES } } },
    async (request, reply) => {
      const project = await findProject(db, request.params.project);
      const row = await findFlag(db, project, request.params.flag);
      // The version of what the project says; each environment's half has its own.
      reply.header('etag', toEntityTag(row.version));
      return loadFlag(db, row, now());
    },
  );

  app.patch(
    `${FLAGS}/:flag`,
    {
      config: { policy: 'flag.update' },
      schema: { params: oneFlag, body: updateFlagInput, response: { 200: updatedFlag, ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const { params: target, body: input } = request;
      const baseVersions = { flag: readIfMatch(request.headers['if-match']) };
      const answer = await executeCommand(management, request, { type: 'flag.update', target, input, baseVersions });
      reply.header('etag', toEntityTag(answer.version));
      return answer;
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
        config: { policy: `flag.${verb}`, isShed: verb !== 'kill' },
        ...(verb === 'kill' && { handlerTimeout: KILL_TIMEOUT_MS }),
        // The body is optional: at two in the morning `curl -X POST` must be enough.
        schema: { params: inEnvironment, body: switchFlagInput.nullish(), response: { 200: committedFlag, ...ERROR_RESPONSES } },
      },
      (request) => {
        const { params: target, body } = request;
        return executeCommand<'flag.kill' | 'flag.unkill'>(verb === 'kill' ? killing : management, request, {
          type: `flag.${verb}`,
          target,
          input: body ?? {},
        });
      },
    );
  }

  for (const verb of ['archive', 'unarchive'] as const) {
    app.post(
      `${FLAGS}/:flag/${verb}`,
      {
        config: { policy: `flag.${verb}` },
        schema: { params: oneFlag, body: archiveFlagInput.nullish(), response: { 200: flag, ...ERROR_RESPONSES } },
      },
      async (request, reply) => {
        const { params: target, body } = request;
        const answer = await executeCommand<'flag.archive' | 'flag.unarchive'>(management, request, {
          type: `flag.${verb}`,
          target,
          input: body ?? {},
        });
        reply.header('etag', toEntityTag(answer.version));
        return answer;
      },
    );
  }

  app.post(
    `${FLAGS}/:flag/snooze`,
    {
      config: { policy: 'flag.snooze' },
      schema: { params: oneFlag, body: snoozeFlagInput, response: { 200: flag, ...ERROR_RESPONSES } },
    },
    (request) => {
      const { params: target, body: input } = request;
      return executeCommand(management, request, { type: 'flag.snooze', target, input });
    },
  );

  app.post(
    `${FLAGS}/:flag/unsnooze`,
    {
      config: { policy: 'flag.unsnooze' },
      schema: { params: oneFlag, body: unsnoozeFlagInput.nullish(), response: { 200: flag, ...ERROR_RESPONSES } },
    },
    (request) => {
      const { params: target, body } = request;
      return executeCommand(management, request, { type: 'flag.unsnooze', target, input: body ?? {} });
    },
  );

  app.post(
    '/api/v1/projects/:project/environments/:environment/kill',
    {
      config: { policy: 'flag.kill', isShed: false },
      handlerTimeout: KILL_TIMEOUT_MS,
      schema: {
        params: inProject.extend({ environment: environmentKey }),
        body: killFlagsInput,
        response: { 200: killedFlags, ...ERROR_RESPONSES },
      },
    },
    (request) => {
      const { params: target, body: input } = request;
      return executeCommand(killing, request, { type: 'flag.kill_many', target, input });
    },
  );
}
