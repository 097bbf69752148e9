/** `/api/v1/projects/{project}/attributes` */
import { attributeName, contextAttribute, deleteAttributeInput, pageOf, projectKey, setAttributeInput } from '@yardarm/contract';
import { z } from 'zod';
import { executeCommand } from '../changes/execute-command.ts';
import type { App, Management } from '../http/app-type.ts';
import { readIfMatch, toEntityTag } from '../http/entity-tag.ts';
import { ERROR_RESPONSES } from '../http/error-handler.ts';
import { cutPage, pageQuery } from '../http/page.ts';
import { findAttribute, listAttributes } from './attributes.ts';
import { findProject } from './project-store.ts';

const inProject = z.object({ project: projectKey });
const oneAttribute = inProject.extend({ attribute: attributeName });
const ATTRIBUTES = '/api/v1/projects/:project/attributes';

export function registerAttributeRoutes(app: App, management: Management): void {
  const { db } = management;

  app.get(
    ATTRIBUTES,
    {
      config: { policy: 'project.read' },
      schema: { params: inProject, querystring: pageQuery, response: { 200: pageOf(contextAttribute), ...ERROR_RESPONSES } },
    },
    async (request) => {
      const project = await findProject(db, request.params.project);
      return cutPage(await listAttributes(db, project.id), request.query, ({ name }) => name);
    },
  );

  app.get(
    `${ATTRIBUTES}/:attribute`,
    {
      config: { policy: 'project.read' },
      schema: { params: oneAttribute, response: { 200: contextAttribute, ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const project = await findProject(db, request.params.project);
      const attribute = await findAttribute(db, project, request.params.attribute);
      reply.header('etag', toEntityTag(attribute.version));
      return attribute;
    },
  );

  app.put(
    `${ATTRIBUTES}/:attribute`,
    {
      config: { policy: 'attribute.set' },
      schema: { params: oneAttribute, body: setAttributeInput, response: { 200: contextAttribute, ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const { params: target, body: input } = request;
      const ifMatch = request.headers['if-match'];
      const baseVersions = { attribute: ifMatch === undefined ? null : readIfMatch(ifMatch) };
      const answer = await executeCommand(management, request, { type: 'attribute.set', target, input, baseVersions });
      reply.header('etag', toEntityTag(answer.version));
      return answer;
    },
  );

  app.delete(
    `${ATTRIBUTES}/:attribute`,
    {
      config: { policy: 'attribute.delete' },
      schema: { params: oneAttribute, querystring: deleteAttributeInput, response: { 204: z.null(), ...ERROR_RESPONSES } },
    },
    async (request, reply) => {
      const { params: target, query: input } = request;
      const baseVersions = { attribute: readIfMatch(request.headers['if-match']) };
      await executeCommand(management, request, { type: 'attribute.delete', target, input, baseVersions });
      return reply.code(204).send(null);
    },
  );
}
