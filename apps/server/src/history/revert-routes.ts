/** Ways back and across: revert a change, take an environment back to a revision, copy from another environment. */
import {
  changeId,
  copiedEnvironment,
  copiedFlag,
  copyEnvironmentInput,
  copyFlagInput,
  environmentKey,
  flagKey,
  projectKey,
  revertChangeInput,
  revertEnvironmentRequest,
  revertedChange,
  revertedEnvironment,
} from '@yardarm/contract';
import { z } from 'zod';
import { executeCommand } from '../changes/execute-command.ts';
import { requireRevision } from '../changes/load-texts-at.ts';
import { describeEdits } from '../changes/write-configurations.ts';
import { planRevert } from '../environments/revert-environment.ts';
import type { App, Management } from '../http/app-type.ts';
import { readIfMatch, toEntityTag } from '../http/entity-tag.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { findEnvironmentHead } from '../projects/project-store.ts';

const inProject = z.object({ project: projectKey });
const inEnvironment = inProject.extend({ environment: environmentKey });
const PROJECT = '/api/v1/projects/:project';

export function registerRevertRoutes(app: App, management: Management): void {
  const { db } = management;

  app.post(
    `${PROJECT}/changes/:change/revert`,
    {
      config: { policy: 'change.revert' },
      schema: {
        params: inProject.extend({ change: changeId }),
        body: revertChangeInput.nullish(),
        response: { 200: revertedChange, ...ERROR_RESPONSES },
      },
    },
    (request) => {
      const { params: target, body } = request;
      return executeCommand(management, request, { type: 'change.revert', target, input: body ?? {} });
    },
  );

  app.post(
    `${PROJECT}/environments/:environment/revert`,
    {
      config: { policy: 'environment.revert' },
      schema: {
        params: inEnvironment,
        body: revertEnvironmentRequest,
        response: { 200: revertedEnvironment, ...ERROR_RESPONSES },
      },
    },
    async (request) => {
      const { params: target, body } = request;
      const { dryRun, ...input } = body;
      if (!dryRun) return executeCommand(management, request, { type: 'environment.revert', target, input });
      const { environment, revision } = await findEnvironmentHead(db, target.project, target.environment);
      requireRevision(input.toRevision, revision, environment);
      const { edits, skipped } = await planRevert(db, environment, input.toRevision);
      return { revision, items: describeEdits(edits), skipped };
    },
  );

  app.post(
    `${PROJECT}/environments/:environment/copy`,
    {
      config: { policy: 'environment.copy' },
      schema: { params: inEnvironment, body: copyEnvironmentInput, response: { 200: copiedEnvironment, ...ERROR_RESPONSES } },
    },
    (request) => {
      const { params: target, body: input } = request;
      return executeCommand(management, request, { type: 'environment.copy', target, input });
    },
  );

  app.post(
    `${PROJECT}/flags/:flag/environments/:environment/copy`,
    {
      config: { policy: 'flag.copy' },
      schema: {
        params: inEnvironment.extend({ flag: flagKey }),
        body: copyFlagInput,
        response: { 200: copiedFlag, ...ERROR_RESPONSES },
      },
    },
    async (request, reply) => {
      const { params: target, body: input } = request;
      const baseVersions = { configuration: readIfMatch(request.headers['if-match']) };
      const answer = await executeCommand(management, request, { type: 'flag.copy', target, input, baseVersions });
      reply.header('etag', toEntityTag(answer.flag.version));
      return answer;
    },
  );
}
