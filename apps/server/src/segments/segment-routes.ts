/** `/api/v1/projects/{project}/segments` */
import {
  configuredSegment,
  configureSegmentInput,
  createSegmentInput,
  deleteSegmentInput,
  environmentKey,
  pageOf,
  projectKey,
  segment,
  segmentKey,
  segmentWithUses,
  updateSegmentInput,
} from '@yardarm/contract';
import { z } from 'zod';
import { executeCommand } from '../changes/execute-command.ts';
import type { App, Management } from '../http/app-type.ts';
import { readIfMatch, toEntityTag } from '../http/entity-tag.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { oneMore, pageQuery, toPage } from '../http/page.ts';
import { findEnvironment, findProject } from '../projects/project-store.ts';
import { findSegment, findSegmentEnvironment, listSegments, presentSegment, presentSegmentEnvironment } from './segment-store.ts';
import { findSegmentUses } from './segment-uses.ts';

const inProject = z.object({ project: projectKey });
const oneSegment = inProject.extend({ segment: segmentKey });
const inEnvironment = oneSegment.extend({ environment: environmentKey });
const SEGMENTS = '/api/v1/projects/:project/segments';
const SEGMENT_ENVIRONMENT = `${SEGMENTS}/:segment/environments/:environment`;
const segmentEnvironment = segment.shape.environments.element;

export function registerSegmentRoutes(app: App, management: Management): void {
  const { db } = management;

  app.get(
    SEGMENTS,
    {
      config: { policy: 'segment.read' },
      schema: { params: inProject, querystring: pageQuery, response: { 200: pageOf(segment), ...ERROR_RESPONSES } },
    },
    async (request) => {
      const project = await findProject(db, request.params.project);
      return toPage(await listSegments(db, project.id, oneMore(request.query)), request.query.limit);
    },
  );

  app.post(
    SEGMENTS,
    {
      config: { policy: 'segment.create' },
      schema: { params: inProject, body: createSegmentInput, response: { 201: segment, ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const { params: target, body: input } = request;
      return reply.code(201).send(await executeCommand(management, request, { type: 'segment.create', target, input }));
    },
  );

  app.get(
    `${SEGMENTS}/:segment`,
    {
      config: { policy: 'segment.read' },
      schema: { params: oneSegment, response: { 200: segmentWithUses, ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const project = await findProject(db, request.params.project);
      const row = await findSegment(db, project, request.params.segment);
      // The version of what the project says; each environment's half has its own.
      reply.header('etag', toEntityTag(row.version));
      return { ...(await presentSegment(db, row)), usedBy: await findSegmentUses(db, project.id, row.key) };
    },
  );

  app.patch(
    `${SEGMENTS}/:segment`,
    {
      config: { policy: 'segment.update' },
      schema: { params: oneSegment, body: updateSegmentInput, response: { 200: segment, ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const { params: target, body: input } = request;
      const baseVersions = { segment: readIfMatch(request.headers['if-match']) };
      const answer = await executeCommand(management, request, { type: 'segment.update', target, input, baseVersions });
      reply.header('etag', toEntityTag(answer.version));
      return answer;
    },
  );

  app.delete(
    `${SEGMENTS}/:segment`,
    {
      config: { policy: 'segment.delete' },
      schema: { params: oneSegment, querystring: deleteSegmentInput, response: { 204: z.null(), ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const { params: target, query: input } = request;
      const baseVersions = { segment: readIfMatch(request.headers['if-match']) };
      await executeCommand(management, request, { type: 'segment.delete', target, input, baseVersions });
      return reply.code(204).send(null);
    },
  );

  app.get(
    SEGMENT_ENVIRONMENT,
    {
      config: { policy: 'segment.read' },
      schema: { params: inEnvironment, response: { 200: segmentEnvironment, ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const { project, environment } = await findEnvironment(db, request.params.project, request.params.environment);
      const { id } = await findSegment(db, project, request.params.segment);
      const row = await findSegmentEnvironment(db, id, environment.id);
      reply.header('etag', toEntityTag(row.version));
      return presentSegmentEnvironment({ environmentKey: environment.key, row });
    },
  );

  app.patch(
    SEGMENT_ENVIRONMENT,
    {
      config: { policy: 'segment.configure' },
      schema: { params: inEnvironment, body: configureSegmentInput, response: { 200: configuredSegment, ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const { params: target, body: input } = request;
      const baseVersions = { configuration: readIfMatch(request.headers['if-match']) };
      const answer = await executeCommand(management, request, { type: 'segment.configure', target, input, baseVersions });
      reply.header('etag', toEntityTag(answer.version));
      return answer;
    },
  );
}
