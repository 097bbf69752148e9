/**
 * Every route, as it was registered, for every kind of caller, in their own project and in a foreign one. What is
 * expected comes from the route's policy and the rights that the caller was given; a new route is covered by existing.
 */
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDelivery } from '../delivery/start-delivery.ts';
import { bodyOf, fillPath, makeThings, type Things, UNKNOWN_ID } from '../testing/every-route.ts';
import { makePerson, OWN_PAGE } from '../testing/people.ts';
import { TEST_SECRET, type TestApp, testApp } from '../testing/test-app.ts';
import { can, type Grant } from './policies.ts';
import { OWN_ACTIONS } from './roles.ts';
import type { RegisteredRoute } from './route-policy.ts';

type Method = Parameters<TestApp['call']>[0];
type Credential = { readonly cookie: string } | { readonly authorization: string } | Record<string, never>;
interface Caller {
  readonly name: string;
  readonly credential: Credential;
  /** Null: nobody whom the server knows. */
  readonly grants: readonly Grant[] | null;
}

const LONG_MS = 600_000;
const routes: RegisteredRoute[] = [];
let server: TestApp;
let web: Things;
let api: Things;
let callers: Caller[];

beforeAll(async () => {
  const log = pino({ level: 'silent' });
  server = await testApp(async ({ db, sql, url }) => ({
    delivery: await startDelivery({ db, sql, listenUrl: url, log, now: Date.now, ofrep: { secret: TEST_SECRET } }),
    onRoute: (route) => routes.push(route),
  }));
  web = await makeThings(server, 'web');
  api = await makeThings(server, 'api');
  callers = await makeCallers();
}, LONG_MS);
afterAll(() => server.close());

const right = (grant: Partial<Grant>): Grant => ({ role: null, actions: [], project: null, environment: null, ...grant });

async function makeCallers(): Promise<Caller[]> {
  const rights: Record<string, Grant[]> = {
    'no rights': [],
    viewer: [right({ role: 'viewer', project: 'web' })],
    editor: [right({ role: 'editor', project: 'web' })],
    releaser: [right({ role: 'releaser', project: 'web' })],
    'admin of the project': [right({ role: 'admin', project: 'web' })],
    'admin of another project': [right({ role: 'admin', project: 'api' })],
    'instance admin': [right({ role: 'admin' })],
    'instance viewer': [right({ role: 'viewer' })],
    'editor of one environment': [right({ role: 'editor', project: 'web', environment: web.otherEnvironment ?? '' })],
    'killer in one environment': [right({ actions: ['flag.kill'], project: 'web', environment: web.environment ?? '' })],
  };
  const made: Caller[] = [{ name: 'nobody', credential: {}, grants: null }];
  for (const [name, grants] of Object.entries(rights)) {
    const { cookie } = await makePerson(server, name, grants);
    made.push({ name, credential: { cookie }, grants });
  }
  const token = async (body: object) => {
    const { secret } = await server.must<{ secret: string }>('POST', '/tokens', { body: { name: 'token', ...body } });
    return { authorization: `Bearer ${secret}` };
  };
  const editor = [right({ role: 'editor', project: 'web' })];
  const kill = [right({ actions: ['flag.kill'] })];
  made.push({ name: 'machine token', credential: await token({ grants: editor }), grants: editor });
  made.push({ name: 'agent token', credential: await token({ kind: 'agent', grants: editor }), grants: editor });
  made.push({ name: 'break-glass token', credential: await token({ kind: 'break_glass' }), grants: kill });
  const owner = await makePerson(server, 'owner', [
    right({ role: 'admin', project: 'web' }),
    right({ role: 'viewer', project: 'api' }),
  ]);
  const limits = [right({ role: 'editor' })];
  const personal = (await owner.call('POST', '/tokens', { body: { name: 'personal', kind: 'personal', grants: limits } })).json();
  const both = [right({ role: 'editor', project: 'web' }), right({ role: 'viewer', project: 'api' })];
  made.push({ name: 'personal token', credential: { authorization: `Bearer ${personal.secret}` }, grants: both });
  const revoked = await server.must<{ id: string; secret: string }>('POST', '/tokens', {
    body: { name: 'revoked', grants: [{ role: 'admin' }] },
  });
  await server.must('DELETE', `/tokens/${revoked.id}`);
  made.push({ name: 'revoked token', credential: { authorization: `Bearer ${revoked.secret}` }, grants: null });
  const leaver = await makePerson(server, 'leaver', [{ role: 'admin' }]);
  await server.must('POST', `/users/${leaver.user.id}/disable`);
  made.push({ name: 'session of a disabled person', credential: { cookie: leaver.cookie }, grants: null });
  return made;
}

/** Ends the session that asks: last of all. */
const isGoodbye = ({ method, url }: RegisteredRoute) => method === 'DELETE' && /\/sessions?$/.test(url);
const managed = () =>
  routes
    .filter(({ url, method }) => url.startsWith('/api/') && method !== 'HEAD')
    .toSorted((one, other) => Number(isGoodbye(one)) - Number(isGoodbye(other)));

async function send(route: RegisteredRoute, { credential }: Pick<Caller, 'credential'>, things: Things) {
  const body = bodyOf(route, things);
  const response = await server.app.inject({
    method: route.method as Method,
    url: fillPath(route.url, things),
    headers: { ...credential, ...OWN_PAGE, 'if-match': '"v1"', ...(body && { 'content-type': 'application/json' }) },
    ...(body && { payload: JSON.stringify(body) }),
    // A stream never ends by itself; its head says whether it was let in.
    ...(route.url.endsWith('/stream') && { payloadAsStream: true as const }),
  });
  if (route.url.endsWith('/stream')) response.raw.res.destroy();
  return response;
}

/** What the policy says: 401, 403, 404, or that the caller gets past it. */
function expectedOf({ policy }: RegisteredRoute, { name, grants }: Caller, things: Things): 401 | 403 | 404 | 'allowed' {
  if (policy === 'public') return 'allowed';
  if (grants === null || policy === 'sdk-key') return 401;
  const principal = { actor: { kind: 'person' as const, id: name, name }, grants };
  if (can(principal, policy, things)) return 'allowed';
  return things.project !== undefined && !can(principal, 'project.read', { project: things.project }) ? 404 : 403;
}

/** The part of a place that the path names. */
function namedIn(url: string, things: Things): Things {
  return Object.fromEntries(Object.entries(things).filter(([name]) => url.includes(`/:${name}`)));
}

const countRecords = async () => (await server.sql<{ n: number }[]>`select count(*)::int as n from change_sets`)[0]?.n;

describe('every route', () => {
  it('refuses every caller whom its policy does not let in, in their own project and a foreign one, and changes nothing', {
    timeout: LONG_MS,
  }, async () => {
    const before = await countRecords();
    let cases = 0;
    const wrong: string[] = [];
    for (const route of managed())
      for (const caller of callers)
        for (const things of placesOf(route)) {
          const expected = expectedOf(route, caller, namedIn(route.url, things));
          if (expected === 'allowed') continue;
          cases += 1;
          const { statusCode } = await send(route, caller, things);
          if (statusCode !== expected)
            wrong.push(`${caller.name}: ${route.method} ${fillPath(route.url, things)}: ${statusCode}, not ${expected}`);
        }
    expect(wrong).toEqual([]);
    expect(await countRecords()).toBe(before);
    process.stdout.write(`authorisation: ${cases} refusals of ${managed().length} routes for ${callers.length} callers\n`);
    expect(cases).toBeGreaterThan(1_000);
  });

  it('cross-project IDOR: of a project does not find what belongs to another, under any key or id, and changes nothing', {
    timeout: LONG_MS,
  }, async () => {
    const before = await countRecords();
    let cases = 0;
    const wrong: string[] = [];
    const names = ['project', 'team', 'user', 'otherEnvironment', 'revision', 'delivery'];
    for (const caller of callers.filter(({ name }) => ['admin of the project', 'instance admin', 'editor'].includes(name)))
      for (const route of managed()) {
        if (!route.url.startsWith('/api/v1/projects/:project/')) continue;
        for (const [, name = ''] of route.url.matchAll(/:(\w+)/g)) {
          const foreign = name === 'id' ? /([\w-]+)s\/:id/.exec(route.url)?.[1] : name;
          // A new attribute may have any name, so there is none of another project.
          if (foreign === undefined || names.includes(foreign) || (route.method === 'PUT' && foreign === 'attribute')) continue;
          const things = { ...web, [foreign]: api[foreign] ?? '' };
          const expected = expectedOf(route, caller, namedIn(route.url, things));
          if (expected !== 'allowed') continue;
          cases += 1;
          const { statusCode } = await send(route, caller, things);
          if (statusCode !== 404)
            wrong.push(`${caller.name}: ${route.method} ${fillPath(route.url, things)}: ${statusCode}, not 404`);
        }
      }
    expect(wrong).toEqual([]);
    expect(await countRecords()).toBe(before);
    process.stdout.write(`authorisation: ${cases} foreign keys and ids in one's own project\n`);
    expect(cases).toBeGreaterThan(50);
  });

  it('lets in every caller whom its policy lets in', { timeout: LONG_MS }, async () => {
    let cases = 0;
    const wrong: string[] = [];
    for (const route of managed())
      for (const caller of callers)
        for (const things of placesOf(route)) {
          if (expectedOf(route, caller, namedIn(route.url, things)) !== 'allowed' || route.policy === 'public') continue;
          // Ended here, it could not end all of them; session-routes.db.test.ts covers it.
          if (route.method === 'DELETE' && route.url.endsWith('/session')) continue;
          cases += 1;
          // People and rights stay as they are: a later case needs them. Nothing leaves this machine.
          const unknown = { user: UNKNOWN_ID, grant: UNKNOWN_ID, webhook: UNKNOWN_ID };
          const response = await send(route, caller, { ...things, ...unknown });
          const refused = [401, 403].includes(response.statusCode) && !BY_THE_HANDLER.has(`${route.method} ${route.url}`);
          const invisible = response.statusCode === 404 && response.body.includes(`Project '${things.project}' does not exist`);
          if (refused || invisible || response.statusCode === 400 || response.statusCode >= 500)
            wrong.push(`${caller.name}: ${route.method} ${fillPath(route.url, things)}: ${response.statusCode} ${response.body}`);
        }
    expect(wrong).toEqual([]);
    process.stdout.write(`authorisation: ${cases} callers let in\n`);
    expect(cases).toBeGreaterThan(500);
  });

  it('declares a policy that fits its place', () => {
    const open = managed().filter(({ policy }) => policy === 'public');
    expect(open.map(({ method, url }) => `${method} ${url}`).toSorted()).toEqual(OPEN);
    const loose = managed().filter(
      ({ url, policy }) => url.includes('/:project') && (OWN_ACTIONS.has(policy) || policy === 'sdk-key'),
    );
    expect(loose).toEqual([]);
    const writes = managed().filter(
      ({ method, policy, url }) => method !== 'GET' && policy.endsWith('.read') && !ASKING.test(url),
    );
    expect(writes).toEqual([]);
  });
});

/** What anybody may ask: how to sign in, and what the API looks like. */
const OPEN = [
  'GET /api/docs',
  'GET /api/docs/style.css',
  'GET /api/v1/openapi.json',
  'GET /api/v1/session/methods',
  'POST /api/v1/password',
  'POST /api/v1/session',
  'POST /api/v1/session/password',
];
/** They send a body and change nothing. */
const ASKING = /\/(evaluate|audit\/verify)$/;
/** Their policies let anybody in who is somebody, and their handlers ask more of some. */
const BY_THE_HANDLER = new Set(['PATCH /api/v1/password', 'POST /api/v1/tokens', 'DELETE /api/v1/projects/:project/views/:id']);

/** Own project in both environments, and the foreign project; a route without a project is asked once. */
function placesOf({ url }: RegisteredRoute): Things[] {
  if (!url.includes('/:project')) return [web];
  const other = { ...web, environment: web.otherEnvironment ?? '', otherEnvironment: web.environment ?? '' };
  return url.includes('/:environment') ? [web, other, api] : [web, api];
}
