/** `/api/v1/projects/{project}/segments` */
import {
  configureSegmentInput,
  createSegmentInput,
  environmentKey,
  pageOf,
  projectKey,
  segment,
  segmentKey,
} from '@yardarm/contract';
import { z } from 'zod';
import { executeCommand } from '../changes/execute-command.ts';
import type { App, Management } from '../http/app-type.ts';
import { readIfMatch, toEntityTag } from '../http/entity-tag.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { oneMore, pageQuery, toPage } from '../http/page.ts';
import { findEnvironment, findProject } from '../projects/project-store.ts';
import {
  findSegment,
  findSegmentEnvironment,
  listSegments,
  presentSegmentEnvironment,
  presentSegments,
} from './segment-store.ts';

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
    { config: { policy: 'segment.read' }, schema: { params: oneSegment, response: { 200: segment, ...ERROR_RESPONSES } } },
    async (request) => {
      const project = await findProject(db, request.params.project);
      const [presented] = await presentSegments(db, [await findSegment(db, project, request.params.segment)]);
      if (presented === undefined) throw new Error('A segment was read but not presented.');
      return presented;
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
      schema: { params: inEnvironment, body: configureSegmentInput, response: { 200: segmentEnvironment, ...ERROR_RESPONSES } },
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
