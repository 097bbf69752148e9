/** What the tests of authorisation send to every route: paths of things that exist, and bodies that are valid. */
import type { RegisteredRoute } from '../auth/route-policy.ts';
import { makeFlag, makeProject, makeSegment } from './fixtures.ts';
import type { TestApp } from './test-app.ts';

/** Where nobody listens; tests may reach this machine only. */
const WEBHOOK = { name: 'hook', url: 'http://127.0.0.1:9/hook' };

const REFERENCES = {
  repository: 'acme/shop',
  branch: 'main',
  commit: 'a1b2c3d',
  isDefaultBranch: true,
  rest: [],
  references: [],
};

/** By the name of the path's parameter. */
export type Things = Readonly<Record<string, string>>;

/** Of project `web` and of a project `api` that shares no key with it; both with two environments and one of everything. */
export async function makeThings(server: TestApp, project: string): Promise<Things> {
  const named = (what: string) => `${what}-of-${project}`;
  await makeProject(server, project, [named('production'), named('staging')]);
  await makeFlag(server, project, named('flag'));
  await makeSegment(server, project, named('segment'));
  await server.must('PUT', `/projects/${project}/attributes/${named('attribute')}`, { body: { type: 'string' } });
  await server.must('POST', '/teams', { body: { key: named('team'), name: 'Team' } });
  const environment = `/projects/${project}/environments/${named('production')}`;
  const key = await server.must<{ id: string }>('POST', `${environment}/keys`, { body: { kind: 'server', name: 'key' } });
  const user = await server.must<{ id: string }>('POST', '/users', { body: { name: named('user') } });
  const grant = await server.must<{ id: string }>('POST', `${environment}/grants`, {
    body: { user: named('user'), role: 'viewer' },
  });
  const token = await server.must<{ id: string }>('POST', '/tokens', {
    body: { name: named('token'), grants: [{ role: 'viewer', project }] },
  });
  const webhook = await server.must<{ id: string }>('POST', `/projects/${project}/webhooks`, { body: WEBHOOK });
  const view = await server.must<{ id: string }>('POST', `/projects/${project}/views`, {
    body: { name: named('view'), shared: true, filter: {} },
  });
  const { items } = await server.must<{ items: { id: string }[] }>('GET', `/projects/${project}/changes`);
  return {
    project,
    environment: named('production'),
    otherEnvironment: named('staging'),
    flag: named('flag'),
    segment: named('segment'),
    attribute: named('attribute'),
    team: named('team'),
    user: user.id,
    key: key.id,
    grant: grant.id,
    token: token.id,
    webhook: webhook.id,
    delivery: '1',
    view: view.id,
    'change-set': items[0]?.id.split('-')[0] ?? '',
    review: UNKNOWN_ID,
    change: items[0]?.id ?? '',
    revision: '0',
  };
}

/** The path with every parameter filled in, and the query that it needs; `:id` is of what the path lists before it. */
export function fillPath(url: string, things: Things): string {
  const path = url.replaceAll(/:(\w+)/g, (_, name: string, at: number) => {
    const listed = /\/([\w-]+)s\/$/.exec(url.slice(0, at))?.[1];
    const value = things[name] ?? (name === 'id' && listed !== undefined ? things[listed] : undefined);
    return encodeURIComponent(value ?? UNKNOWN_ID);
  });
  if (!path.endsWith('/compare')) return path;
  return url.includes('/:environment')
    ? `${path}?from=0&to=0`
    : `${path}?from=${things.environment}&to=${things.otherEnvironment}`;
}

export const UNKNOWN_ID = '1b671a64-40d5-491e-99b0-da01ff1f3341';
let made = 0;

/** A body that the route takes. Every writing route has one here, so that no refusal of a body hides one of the caller. */
export function bodyOf({ method, url }: Pick<RegisteredRoute, 'method' | 'url'>, things: Things): object | undefined {
  if (method === 'GET' || method === 'HEAD') return undefined;
  made += 1;
  const key = `made-${made}`;
  const from = things.otherEnvironment ?? '';
  const bodies: Readonly<Record<string, object>> = {
    'POST /api/v1/session': { token: 'no token' },
    'POST /api/v1/session/password': { name: 'nobody', password: 'a guess' },
    'POST /api/v1/password': { token: 'no token', password: 'a lamp in the harbour' },
    'PATCH /api/v1/password': { current: 'a guess', password: 'a lamp in the harbour' },
    'POST /api/v1/users': { name: key },
    'POST /api/v1/tokens': { name: key, kind: 'personal' },
    'POST /api/v1/teams': { key, name: key },
    'POST /api/v1/projects': { key, name: key },
    'PUT /api/v1/projects/:project/attributes/:attribute': { type: 'string' },
    'POST /api/v1/projects/:project/webhooks': WEBHOOK,
    'POST /api/v1/projects/:project/environments': { key, name: key },
    'POST /api/v1/projects/:project/flags': { key, kind: 'operational', variants: { on: true, off: false } },
    'POST /api/v1/projects/:project/flags/:flag/snooze': { until: '2030-02-01', reason: 'After the sale' },
    'POST /api/v1/projects/:project/views': { name: key, filter: { owner: 'search' } },
    'PUT /api/v1/projects/:project/code-references': REFERENCES,
    'POST /api/v1/projects/:project/environments/:environment/deployments': { app: 'shop', commit: 'a1b2c3d' },
    'POST /api/v1/projects/:project/segments': { key, name: key },
    'POST /api/v1/projects/:project/environments/:environment/keys': { kind: 'server', name: key },
    'POST /api/v1/projects/:project/environments/:environment/copy': { from },
    'POST /api/v1/projects/:project/environments/:environment/flags/:flag/copy': { from },
    'POST /api/v1/projects/:project/flags/:flag/environments/:environment/copy': { from },
    'POST /api/v1/projects/:project/environments/:environment/revert': { toRevision: 1, dryRun: true },
    'POST /api/v1/projects/:project/environments/:environment/evaluate': { flag: things.flag },
    'POST /api/v1/projects/:project/environments/:environment/kill': { flags: [things.flag] },
    'PATCH /api/v1/projects/:project/flags': { flags: [things.flag], addTags: ['edited'] },
    'POST /api/v1/projects/:project/archive': { flags: [things.flag] },
  };
  if (url.endsWith('/reviews/:id/close')) return { note: 'Looked at' };
  if (url.endsWith('/grants')) return { user: 'nobody at all', role: 'viewer' };
  return bodies[`${method} ${url}`] ?? {};
}
