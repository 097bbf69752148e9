import { Validator } from '@seriousme/openapi-schema-validator';
import { command } from '@yardarm/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RegisteredRoute } from '../auth/route-policy.ts';
import { startTestServer, type TestServer } from '../testing/delivery-server.ts';
import { type TestApp, testApp } from '../testing/test-app.ts';
import type { ApiDocument } from './openapi.ts';
import { OPERATIONS } from './operation-docs.ts';

/** Whom the server answers without a credential. Everything else of the management API answers 401. */
const PUBLIC = [
  'GET /api/docs',
  'GET /api/docs/style.css',
  'GET /api/v1/openapi.json',
  'GET /api/v1/session/methods',
  'POST /api/v1/password',
  'POST /api/v1/session',
  'POST /api/v1/session/password',
];
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

let server: TestServer;
let document: ApiDocument;
let routes: string[];
beforeAll(async () => {
  server = await startTestServer();
  document = (await (await fetch(`${server.url}/api/v1/openapi.json`)).json()) as ApiDocument;
  routes = listRoutes(server.printRoutes());
});
afterAll(() => server.close());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ key: `${method.toUpperCase()} ${path}`, operation })),
  );

describe('/api/v1/openapi.json', () => {
  it('is valid OpenAPI 3.1', async () => {
    const { errors } = await new Validator().validate({ ...structuredClone(document) });
    expect(errors).toBeUndefined();
    expect(document.openapi).toBe('3.1.0');
  });

  it('describes every route that there is below /api, and none that there is not', () => {
    const described = operations().map(({ key }) => key.replaceAll(/\{(\w+)\}/g, ':$1'));
    const hidden = ['GET /api/docs', 'GET /api/docs/style.css', 'GET /api/v1/openapi.json'];
    expect(routes.filter((route) => !hidden.includes(route)).sort()).toEqual(described.sort());
    expect(routes.length).toBeGreaterThan(50);
  });

  it('has a sentence for every operation and parameter, and no sentence for nothing', () => {
    const keys = operations().map(({ key }) => key.replace(' /api/v1', ' '));
    expect(keys.sort()).toEqual(Object.keys(OPERATIONS).sort());
    const silent = operations().flatMap(({ key, operation }) =>
      (operation.parameters ?? []).filter(({ description }) => !description).map(({ name }) => `${key}: ${name}`),
    );
    expect(silent).toEqual([]);
  });

  it('names every operation by itself, under a heading, with what it answers and how it refuses', () => {
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { key, operation } of operations()) {
      expect({ key, tags: operation.tags?.length }).toEqual({ key, tags: 1 });
      const statuses = Object.keys(operation.responses);
      expect({ key, answers: statuses.some((status) => status.startsWith('2')) }).toEqual({ key, answers: true });
      expect({ key, refusals: statuses }).toEqual({ key, refusals: expect.arrayContaining(['4XX', '5XX']) });
    }
  });

  it('has pages of 200 items at most and a cursor, by these names, on every list', () => {
    const lists = operations().filter(({ operation }) => {
      const content = (operation.responses['200'] as { content?: { [type: string]: { schema?: unknown } } } | undefined)?.content;
      return /"required":\["items","next"\]/.test(JSON.stringify(content?.['application/json']?.schema ?? null));
    });
    expect(lists.length).toBeGreaterThan(15);
    const query = (operation: (typeof lists)[number]['operation'], name: string) =>
      operation.parameters?.find((parameter) => parameter.in === 'query' && parameter.name === name)?.schema;
    expect(lists.filter(({ operation }) => !query(operation, 'cursor')).map(({ key }) => key)).toEqual([]);
    expect(lists.filter(({ operation }) => query(operation, 'limit')?.maximum !== 200).map(({ key }) => key)).toEqual([]);
  });

  it('says where a version and an Idempotency-Key are asked for', () => {
    const edit = document.paths['/api/v1/projects/{project}/flags/{flag}']?.patch;
    expect(edit?.parameters?.map(({ name }) => name)).toEqual(expect.arrayContaining(['if-match', 'idempotency-key']));
    const kill = document.paths['/api/v1/projects/{project}/flags/{flag}/environments/{environment}/kill']?.post;
    expect(kill?.parameters?.map(({ name }) => name)).not.toContain('if-match');
    const others = [
      ['/projects/{project}/segments/{segment}', 'delete'],
      ['/teams/{team}', 'delete'],
      ['/projects/{project}/webhooks/{id}', 'delete'],
      ['/projects/{project}/attributes/{attribute}', 'delete'],
      ['/projects/{project}/flags/{flag}/environments/{environment}/copy', 'post'],
    ] as const;
    for (const [path, method] of others) {
      const operation = document.paths[`/api/v1${path}`]?.[method];
      expect([path, operation?.parameters?.map(({ name }) => name)]).toEqual([path, expect.arrayContaining(['if-match'])]);
    }
  });
});

describe('Idempotency-Key', () => {
  const registered: RegisteredRoute[] = [];
  let app: TestApp;
  beforeAll(async () => {
    app = await testApp({ onRoute: (route) => registered.push(route) });
  });
  afterAll(() => app.close());

  it('is described where a command is run, and nowhere else', async () => {
    const { paths } = (await app.must('GET', '/openapi.json')) as ApiDocument;
    const commands = new Set<string>(command.options.map(({ shape }) => shape.type.value));
    // With a session it answers a new session, which is nothing to be kept.
    const takes = ({ method, url, policy }: RegisteredRoute) =>
      method !== 'GET' && method !== 'HEAD' && commands.has(policy) && url !== '/api/v1/password';
    const api = registered.filter(({ method, url }) => url.startsWith('/api/v1/') && method !== 'HEAD');
    const described = api.filter(({ method, url }) => {
      const operation = paths[url.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
      return operation?.parameters?.some(({ name }) => name === 'idempotency-key');
    });
    expect(described).toEqual(api.filter(takes));
    expect(described.length).toBeGreaterThan(40);
  });
});

describe('the inventory of routes', () => {
  it('answers 401 to strangers on every route below /api that is not listed as public', async () => {
    const open: string[] = [];
    for (const route of routes) {
      const [method, path] = route.split(' ') as [string, string];
      const response = await fetch(`${server.url}${path.replaceAll(/:\w+/g, '1')}`, { method });
      await response.body?.cancel();
      if (response.status !== 401) open.push(route);
    }
    expect(open.sort()).toEqual(PUBLIC);
  });
});

describe('/api/docs', () => {
  it('shows every operation and schema, without a script and without anything from elsewhere', async () => {
    const response = await fetch(`${server.url}/api/docs`);
    const html = await response.text();
    expect(response.headers.get('content-type')).toMatch(/^text\/html/);
    for (const { operation } of operations()) expect(html).toContain(`id="${operation.operationId}"`);
    for (const name of Object.keys(document.components.schemas)) expect(html).toContain(`id="schema-${name}"`);
    expect(html).not.toMatch(/<script|style=|https?:\/\//);
    const broken = [...html.matchAll(/href="#([^"]+)"/g)].filter(([, id]) => !html.includes(`id="${id}"`));
    expect(broken).toEqual([]);
    expect((await fetch(`${server.url}/api/docs/style.css`)).headers.get('content-type')).toMatch(/^text\/css/);
  });
});

/** `GET /api/v1/projects/:project` and so on, from the router's own tree. */
function listRoutes(tree: string): string[] {
  const stack: { depth: number; path: string }[] = [];
  const found: string[] = [];
  for (const line of tree.split('\n')) {
    const [, indent, segment, methods] = /^([│ ]*[├└]── )(\S+)(?: \(([A-Z, ]+)\))?/.exec(line) ?? [];
    if (indent === undefined || segment === undefined) continue;
    const depth = indent.length;
    while ((stack.at(-1)?.depth ?? -1) >= depth) stack.pop();
    const path = `${stack.at(-1)?.path ?? ''}${segment}`;
    stack.push({ depth, path });
    for (const method of methods?.split(', ') ?? []) if (METHODS.includes(method)) found.push(`${method} ${path}`);
  }
  return [...new Set(found)].filter((route) => route.includes(' /api'));
}
