/**
 * `/api/v1/openapi.json`: the management API, generated from the schemas that its routes validate with and the sentences of
 * operation-docs.ts. Not responsible for the readable page, which api-docs.ts makes of it.
 */
import swagger from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { isUnsafe } from '../auth/same-origin.ts';
import { API_DOCS_STYLE_PATH, renderApiDocs } from './api-docs.ts';
import { API_DOCS_STYLE } from './api-docs-style.ts';
import type { App } from './app-type.ts';
import { OPERATIONS, PARAMETERS } from './operation-docs.ts';

export interface ApiParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'cookie';
  readonly required?: boolean;
  description?: string;
  readonly schema?: ApiSchema;
}

/** As much of JSON Schema as the generator writes. */
export type ApiSchema = { readonly [keyword: string]: unknown };

export interface ApiOperation {
  summary?: string;
  tags?: string[];
  operationId?: string;
  security?: readonly object[];
  parameters?: ApiParameter[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly content: { readonly [type: string]: { readonly schema: ApiSchema } };
  };
  readonly responses: {
    [status: string]: {
      description: string;
      headers?: object;
      content?: { readonly [type: string]: { readonly schema: ApiSchema } };
    };
  };
}

export interface ApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: { readonly [path: string]: { readonly [method: string]: ApiOperation } };
  readonly components: { readonly schemas: { readonly [name: string]: ApiSchema } };
}

const API = '/api/v1';
/** Sign-in, and what a link without an account is for. */
const WITHOUT_CREDENTIAL: ReadonlySet<string> = new Set([
  'POST /session',
  'GET /session/methods',
  'POST /session/password',
  'POST /password',
]);
/** Answers carry the version of what they show. */
const ETAG = { etag: { description: 'Version of the entity, for If-Match.', schema: { type: 'string', examples: ['"v3"'] } } };
const IF_MATCH: ApiParameter = {
  ...{ name: 'if-match', in: 'header', required: true },
  description: 'The ETag that the edit is based on. Absent: 428. Stale: 412, with the entity as it stands.',
  schema: { type: 'string', examples: ['"v3"'] },
};
const IDEMPOTENCY_KEY: ApiParameter = {
  ...{ name: 'idempotency-key', in: 'header', required: false },
  description: 'A repetition with the same key and request is answered as the first time and done once, for a day.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};
const ERROR_CONTENT = { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } };
const REFUSALS: { readonly [status: string]: string } = {
  '4XX': 'A refusal: one code, one sentence, every problem with its place.',
  '5XX': 'A fault of the server, or a database that is away. Retry-After says when to try again.',
};

/** Register before the routes that it is to describe. */
export async function describeApi(app: App, { version, cookieName }: { version: string; cookieName: string }): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Yardarm management API',
        version,
        description:
          'Flags, segments, people and their history. JSON in, JSON out; every refusal has one shape with a stable code. Edits name the version that they are based on; what changes something takes an Idempotency-Key.',
      },
      servers: [{ url: '/' }],
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'An API token.' },
          session: { type: 'apiKey', in: 'cookie', name: cookieName, description: 'The session of the admin UI.' },
        },
      },
      security: [{ token: [] }, { session: [] }],
    },
    transform: ({ schema, url, ...rest }) =>
      url.startsWith('/api/') ? jsonSchemaTransform({ schema, url, ...rest }) : { schema: { hide: true }, url },
    transformObject: (document) => {
      const described = jsonSchemaTransformObject(document);
      describeOperations(described as ApiDocument);
      return described;
    },
  });
  const open = { config: { policy: 'public' }, schema: { hide: true } } as const;
  app.get(`${API}/openapi.json`, open, () => app.swagger());
  app.get('/api/docs', open, (_request, reply) => {
    const page = renderApiDocs(app.swagger() as ApiDocument);
    return reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(page);
  });
  app.get(API_DOCS_STYLE_PATH, open, (_request, reply) =>
    reply.type('text/css; charset=utf-8').header('cache-control', 'no-cache').send(API_DOCS_STYLE),
  );
}

/** In place: what the schemas cannot say. */
function describeOperations({ paths }: ApiDocument): void {
  for (const [path, methods] of Object.entries(paths)) {
    for (const [name, operation] of Object.entries(methods)) {
      const method = name.toUpperCase();
      const key = `${method} ${path.slice(API.length)}`;
      const summary = OPERATIONS[key];
      if (summary !== undefined) operation.summary = summary;
      operation.tags = [tagOf(path)];
      operation.operationId = toOperationId(key);
      if (WITHOUT_CREDENTIAL.has(key)) operation.security = [];
      const parameters = [...(operation.parameters ?? []), ...headersOf(method, key)];
      for (const parameter of parameters) parameter.description ??= PARAMETERS[parameter.name] ?? '';
      if (parameters.length > 0) operation.parameters = parameters;
      for (const status of Object.keys(REFUSALS)) operation.responses[status] ??= { description: '', content: ERROR_CONTENT };
      for (const [status, response] of Object.entries(operation.responses)) {
        response.description = REFUSALS[status] ?? 'What was asked for.';
        if (status.startsWith('2') && (method === 'PATCH' || isVersioned(method, path))) response.headers = ETAG;
      }
    }
  }
}

/** Ways to write that run no command: of these a repetition does what the first did, or sends once more. */
const NO_COMMAND = /\/(evaluate|verify|views|sessions?|code-references|deployments|test|send-again)(\/\{id\})?$/;

function headersOf(method: string, key: string): ApiParameter[] {
  if (!isUnsafe(method) || WITHOUT_CREDENTIAL.has(key) || key === 'PATCH /password' || NO_COMMAND.test(key)) return [];
  if (method === 'PUT') return [{ ...IF_MATCH, required: false }, { ...IDEMPOTENCY_KEY }];
  return isGuarded(method, key) ? [{ ...IF_MATCH }, { ...IDEMPOTENCY_KEY }] : [{ ...IDEMPOTENCY_KEY }];
}

function isGuarded(method: string, key: string): boolean {
  if (key.endsWith('/flags/{flag}/environments/{environment}/copy')) return true;
  // What is added and removed of several flags is right whatever else changed, and an SDK key has no version.
  if (method === 'PATCH') return !/\/flags$|\/keys\/\{id\}$/.test(key);
  return method === 'DELETE' && /\{(segment|team|attribute)\}$|\/webhooks\/\{id\}$/.test(key);
}

/** A single entity, not a list: its path ends with a name. */
function isVersioned(method: string, path: string): boolean {
  return method === 'GET' && /\{(project|environment|flag|segment|team|user)\}$/.test(path);
}

/** The innermost thing that a path is about. */
function tagOf(path: string): string {
  const parts = path
    .slice(API.length + 1)
    .split('/')
    .filter((part) => !part.startsWith('{'));
  const flagFirst = parts.includes('flags') ? 'flags' : parts.includes('segments') ? 'segments' : undefined;
  const tag = flagFirst ?? parts.findLast((part) => part in TAGS);
  return TAGS[tag ?? ''] ?? 'Instance';
}

const TAGS: { readonly [part: string]: string } = {
  ...{ session: 'Sign-in', sessions: 'Sign-in', password: 'Sign-in', users: 'People', teams: 'People', grants: 'Rights' },
  ...{ tokens: 'API tokens', projects: 'Projects', attributes: 'Projects', environments: 'Environments', flags: 'Flags' },
  ...{
    segments: 'Segments',
    views: 'Flags',
    keys: 'SDK keys',
    webhooks: 'Webhooks',
    changes: 'History',
    compare: 'History',
    revert: 'History',
    rulesets: 'History',
  },
  ...{
    evaluate: 'History',
    stream: 'History',
    reviews: 'History',
    audit: 'History',
    'change-sets': 'History',
    receipts: 'Environments',
    coverage: 'Environments',
    'last-evaluated': 'Flags',
    hygiene: 'Flags',
    'code-references': 'Flags',
    builds: 'Flags',
    'check-snapshot': 'Flags',
    deployments: 'Environments',
    export: 'Instance',
    import: 'Instance',
  },
};

function toOperationId(key: string): string {
  return key
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
    .map((word, index) => (index === 0 ? word : `${word[0]?.toUpperCase()}${word.slice(1)}`))
    .join('');
}
