/** Requests that no client of ours sends, to every route as it was registered; a new route is covered by existing. */
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDelivery } from '../delivery/start-delivery.ts';
import { bodyOf, fillPath, makeThings, type Things } from '../testing/every-route.ts';
import { makePerson, OWN_PAGE, type Person } from '../testing/people.ts';
import { refusal, TEST_SECRET, type TestApp, testApp } from '../testing/test-app.ts';
import type { RegisteredRoute } from './route-policy.ts';
import { isUnsafe } from './same-origin.ts';

const LONG_MS = 300_000;
const PUBLIC_URL = 'https://flags.example.com';
/** Never asked: who comes from another site does not get that far. */
const PROVIDER = {
  ...{ issuer: 'https://id.example.com', clientId: 'yardarm', clientSecret: null, clientSecretFile: null, scopes: 'openid' },
  ...{ name: 'ID', createUsers: false, groupsClaim: 'groups', groups: new Map(), algorithm: 'RS256' },
};
const routes: RegisteredRoute[] = [];
let server: TestApp;
let things: Things;
let admin: Person;
beforeAll(async () => {
  const log = pino({ level: 'silent' });
  server = await testApp(async ({ db, sql, url }) => ({
    delivery: await startDelivery({ db, sql, listenUrl: url, log, now: Date.now }),
    onRoute: (route) => routes.push(route),
    publicUrl: PUBLIC_URL,
    oidc: { settings: PROVIDER, clientSecret: null, secret: TEST_SECRET, publicUrl: PUBLIC_URL },
  }));
  things = await makeThings(server, 'web');
  admin = await makePerson(server, 'root', [{ role: 'admin' }]);
}, LONG_MS);
afterAll(() => server.close());

const managed = () => routes.filter(({ url, method }) => url.startsWith('/api/') && method !== 'HEAD');
/** Those that read a body: a file has a reader of its own, and the test of a webhook takes nothing. */
const taking = () =>
  managed().filter(
    ({ method, url }) =>
      ['POST', 'PUT', 'PATCH'].includes(method) &&
      !/\/(import|webhooks\/:id\/(test|deliveries\/:delivery\/send-again))$/.test(url),
  );
const nameOf = ({ method, url }: RegisteredRoute) => `${method} ${url}`;
const countRecords = async () => (await server.sql<{ n: number }[]>`select count(*)::int as n from change_sets`)[0]?.n;

interface Request {
  readonly headers: Readonly<Record<string, string>>;
  readonly payload?: string;
}

function send(route: RegisteredRoute, { headers, payload }: Request) {
  const method = route.method as 'GET' | 'POST';
  return server.app.inject({ method, url: fillPath(route.url, things), headers, ...(payload !== undefined && { payload }) });
}

/** What each of the routes answers to the request that `toRequest` makes for it, where that is not what is expected. */
async function wrongAnswers(
  of: readonly RegisteredRoute[],
  toRequest: (route: RegisteredRoute) => Request,
  expected: number,
): Promise<string[]> {
  const wrong: string[] = [];
  for (const route of of) {
    const { statusCode, body } = await send(route, toRequest(route));
    if (statusCode !== expected) wrong.push(`${nameOf(route)}: ${statusCode} ${body}`);
  }
  return wrong;
}

describe('CSRF', () => {
  it(
    'no unsafe route does anything for a page of another site, signing in and single sign-on included',
    async () => {
      const unsafe = managed().filter(({ method }) => isUnsafe(method));
      expect(unsafe.map(nameOf)).toContain('POST /api/v1/oidc/sign-in');
      const before = await countRecords();
      const sources: Request['headers'][] = [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { origin: 'https://evil.example' },
      ];
      for (const source of sources) {
        const headers = { cookie: admin.cookie, 'content-type': 'application/json', 'if-match': '"v1"', ...source };
        const toRequest = (route: RegisteredRoute) => ({ headers, payload: JSON.stringify(bodyOf(route, things) ?? {}) });
        expect(await wrongAnswers(unsafe, toRequest, 403)).toEqual([]);
      }
      expect(await countRecords()).toBe(before);
      expect((await admin.call('GET', '/session')).statusCode).toBe(200);
    },
    LONG_MS,
  );
});

describe('mass assignment', () => {
  it(
    'no route takes a member that it does not know',
    async () => {
      const before = await countRecords();
      const wrong: string[] = [];
      for (const route of taking()) {
        const payload = JSON.stringify({ ...bodyOf(route, things), projectId: things.key });
        const headers = { cookie: admin.cookie, ...OWN_PAGE, 'content-type': 'application/json', 'if-match': '"v1"' };
        const { statusCode, body } = await send(route, { headers, payload });
        if (statusCode !== 400 || !body.includes('"projectId"')) wrong.push(`${nameOf(route)}: ${statusCode} ${body}`);
      }
      expect(wrong).toEqual([]);
      expect(await countRecords()).toBe(before);
    },
    LONG_MS,
  );
});

describe('large bodies', () => {
  it('are not parsed for strangers, nor for whoever may only look', async () => {
    const headers = { cookie: admin.cookie, ...OWN_PAGE, 'content-type': 'application/json' };
    const open = taking().filter(({ policy }) => policy === 'public');
    expect(open.length).toBeGreaterThan(3);
    expect(await wrongAnswers(open, () => ({ headers, payload: `"${'x'.repeat(16 * 1024)}"` }), 413)).toEqual([]);
    const looking = taking().filter(({ url }) => url.endsWith('/evaluate'));
    expect(looking).toHaveLength(1);
    expect(await wrongAnswers(looking, () => ({ headers, payload: `"${'x'.repeat(128 * 1024)}"` }), 413)).toEqual([]);
  });
});

describe('path and content-type confusion', () => {
  it(
    'another spelling of a path leads nobody past its policy',
    async () => {
      const closed = managed().filter(({ method, policy }) => method === 'GET' && policy !== 'public');
      const open: string[] = [];
      for (const route of closed) {
        const path = fillPath(route.url, things);
        for (const url of [
          path.replace('/api', '//api'),
          path.replace('/api/', '/api//'),
          path.replace('/api', '/%61pi'),
          path.replace('/api', '/API'),
          path.replace('/api', '/api/docs/../../api'),
          path.replace('/api', '/api/docs/%2e%2e/%2e%2e/api'),
          path.replace('/v1/', '/v1%2f'),
          `${path}/`,
          `${path};x=/api/docs`,
        ]) {
          const { statusCode } = await server.app.inject({ url });
          if (![400, 401, 404].includes(statusCode)) open.push(`${url}: ${statusCode}`);
        }
      }
      expect(open).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'a body of another type is read by no route',
    async () => {
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'application/xml',
      ]) {
        const headers = { cookie: admin.cookie, ...OWN_PAGE, 'content-type': type, 'if-match': '"v1"' };
        const toRequest = (route: RegisteredRoute) => ({ headers, payload: JSON.stringify(bodyOf(route, things) ?? {}) });
        expect(await wrongAnswers(taking(), toRequest, 415)).toEqual([]);
      }
    },
    LONG_MS,
  );
});

describe('resource exhaustion', () => {
  const post = (payload: string) =>
    server.app.inject({
      method: 'POST',
      url: '/api/v1/projects',
      headers: { cookie: admin.cookie, ...OWN_PAGE, 'content-type': 'application/json' },
      payload,
    });

  it('a body that is too large or nests too deep is refused', async () => {
    expect(refusal(await post(`"${'x'.repeat(4 * 1024 * 1024)}"`)).status).toBe(413);
    expect(refusal(await post('['.repeat(100_000)))).toEqual({ status: 400, code: 'validation_failed' });
    expect(refusal(await post('{"a":'.repeat(1_000)))).toEqual({ status: 400, code: 'validation_failed' });
  });

  it('strangers are refused before their body is read', async () => {
    const payload = 'x'.repeat(8 * 1024 * 1024);
    const headers = { 'content-type': 'application/json' };
    expect((await server.app.inject({ method: 'POST', url: '/api/v1/projects', headers, payload })).statusCode).toBe(401);
  });

  it('a page of a list has an end', async () => {
    for (const list of ['/projects/web/flags', '/projects/web/segments', '/projects/web/changes', '/teams', '/changes'])
      expect([list, refusal(await admin.call('GET', `${list}?limit=100000`)).status]).toEqual([list, 400]);
  });
});

describe('stored XSS', () => {
  it('a link of a flag leads to the web or nowhere, on every way in', async () => {
    const flag = `/projects/web/flags/${things.flag}`;
    for (const url of [
      'javascript:alert(1)',
      'JavaScript:alert(1)',
      'data:text/html,x',
      'vbscript:x',
      '//evil.example',
      ' javascript:x',
    ]) {
      const body = { links: [{ title: 'Docs', url }] };
      const headers = { 'if-match': '"v1"' };
      expect([url, refusal(await admin.call('PATCH', flag, { body, headers })).status]).toEqual([url, 400]);
      const made = { key: 'linked', kind: 'operational', variants: { on: true }, ...body };
      expect([url, refusal(await admin.call('POST', '/projects/web/flags', { body: made })).status]).toEqual([url, 400]);
    }
  });

  it('what people write is answered as JSON that no browser takes for a page', async () => {
    const name = '<img src=x onerror=alert(1)>';
    await server.must('POST', '/teams', { body: { key: 'markup', name } });
    const response = await admin.call('GET', '/teams/markup');
    expect(response.json().name).toBe(name);
    expect(response.headers['content-type']).toMatch(/^application\/json/);
    expect(response.headers['x-content-type-options']).toBe('nosniff');
    expect(response.headers['content-security-policy']).toMatch(/default-src|script-src/);
  });
});
