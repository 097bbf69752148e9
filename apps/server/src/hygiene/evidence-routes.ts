/** What scanners and pipelines say: code references, and builds that run. */
import {
  build,
  builds,
  deployInput,
  environmentKey,
  flagKey,
  flagReferences,
  projectKey,
  projectReferences,
  uploadedReferences,
  uploadReferencesInput,
} from '@yardarm/contract';
import { z } from 'zod';
import { callerOf } from '../auth/authenticate.ts';
import { findFlag } from '../flags/flag-store.ts';
import type { App, Management } from '../http/app-type.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { findEnvironment, findProject, listEnvironments } from '../projects/project-store.ts';
import { commitsOf, loadBuilds, loadSets, presentBuilds } from './load-builds.ts';
import { readFlagReferences, readProjectReferences } from './read-references.ts';
import { storeDeployment } from './store-deployment.ts';
import { storeReferences } from './store-references.ts';
import { validateUpload } from './validate-upload.ts';

const PROJECT = '/api/v1/projects/:project';
const inProject = z.object({ project: projectKey });
/** Twenty thousand references of the longest path that anybody has, and of a line of code each. */
const MAX_UPLOAD_BYTES = 12 * 1024 * 1024;
const UPLOAD_TIMEOUT_MS = 30_000;

export function registerEvidenceRoutes(app: App, { db, now }: Management): void {
  app.put(
    `${PROJECT}/code-references`,
    {
      config: { policy: 'references.write' },
      bodyLimit: MAX_UPLOAD_BYTES,
      handlerTimeout: UPLOAD_TIMEOUT_MS,
      validatorCompiler: validateUpload,
      schema: { params: inProject, body: uploadReferencesInput, response: { 200: uploadedReferences, ...ERROR_RESPONSES } },
    },
    async (request) => {
      const project = await findProject(db, request.params.project);
      return storeReferences(db, project, request.body, { by: callerOf(request).actor.name, nowMs: now() });
    },
  );

  app.get(
    `${PROJECT}/code-references`,
    { config: { policy: 'flag.read' }, schema: { params: inProject, response: { 200: projectReferences, ...ERROR_RESPONSES } } },
    async ({ params }) => readProjectReferences(db, await findProject(db, params.project)),
  );

  app.get(
    `${PROJECT}/flags/:flag/code-references`,
    {
      config: { policy: 'flag.read' },
      schema: { params: inProject.extend({ flag: flagKey }), response: { 200: flagReferences, ...ERROR_RESPONSES } },
    },
    async ({ params }) => {
      const project = await findProject(db, params.project);
      const flag = await findFlag(db, project, params.flag);
      return readFlagReferences(db, project, flag.key);
    },
  );

  app.get(
    `${PROJECT}/builds`,
    { config: { policy: 'flag.read' }, schema: { params: inProject, response: { 200: builds, ...ERROR_RESPONSES } } },
    async ({ params }) => {
      const project = await findProject(db, params.project);
      const running = await loadBuilds(db, await listEnvironments(db, project.id));
      return presentBuilds(running, await loadSets(db, project.id, commitsOf(running)));
    },
  );

  app.post(
    `${PROJECT}/environments/:environment/deployments`,
    {
      config: { policy: 'deployments.write' },
      schema: {
        params: inProject.extend({ environment: environmentKey }),
        body: deployInput,
        response: { 200: build, ...ERROR_RESPONSES },
      },
    },
    async (request) => {
      const { project, environment } = await findEnvironment(db, request.params.project, request.params.environment);
      const by = callerOf(request).actor.name;
      return storeDeployment(db, { project, environment }, request.body, { by, nowMs: now() });
    },
  );
}
