import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requirePolicies } from './auth/route-policy.ts';
import { refusal, type TestApp, testApp } from './testing/test-app.ts';

let server: TestApp;
let adminUiDir: string;
beforeAll(async () => {
  adminUiDir = await mkdtemp(join(tmpdir(), 'yardarm-ui-'));
  await mkdir(join(adminUiDir, 'assets'));
  await writeFile(join(adminUiDir, 'index.html'), '<!doctype html><title>Yardarm</title>');
  await writeFile(join(adminUiDir, 'assets', 'app-1a2b3c.js'), 'export {};');
  server = await testApp({ adminUiDir });
});
afterAll(async () => {
  await server.close();
  await rm(adminUiDir, { recursive: true });
});

describe('a route', () => {
  it('missing check: without a policy stops the start', () => {
    const app = Fastify();
    requirePolicies(app);
    expect(() => app.get('/api/v1/forgotten', () => 'open')).toThrow('Route GET /api/v1/forgotten declares no policy');
  });
});

describe('a request that fits no route', () => {
  it('because its address is no text gets JSON as well', async () => {
    const response = await server.app.inject({ url: '/api/v1/projects/%zz' });
    expect(refusal(response)).toEqual({ status: 400, code: 'validation_failed' });
  });

  it.each([
    ...['/api/v1/nothing', '/sync/v1/nothing', '/health/nothing', '/api', '/api?x=1'],
    ...['/ofrep/v1/evaluate/flags/a', '/ofrep/v1/configuration', '/flagd/v1/nothing'],
  ])('%s gets JSON', async (url) => {
    const response = await server.app.inject({ url, headers: { accept: 'text/html' } });
    expect(refusal(response)).toEqual({ status: 404, code: 'not_found' });
  });

  it.each(['/', '/projects/web/flags/a.b', '/sign-in', '/apiary'])('%s, navigated to, gets the admin UI', async (url) => {
    const response = await server.app.inject({ url, headers: { accept: 'text/html,*/*' } });
    expect(response.statusCode).toBe(200);
    expect(response.body).toContain('<title>Yardarm</title>');
    expect(response.headers['cache-control']).toBe('no-cache');
  });

  it.each(['/', '/sign-in', '/projects/web/flags?q=a.b'])('%s gets the admin UI, whatever it accepts', async (url) => {
    for (const headers of [{}, { accept: '*/*' }])
      expect((await server.app.inject({ url, headers })).body).toContain('<title>Yardarm</title>');
  });

  it('gets JSON when it is not a navigation', async () => {
    for (const request of [
      { url: '/missing.js' },
      { url: '/sign-in', method: 'POST' as const, headers: { accept: 'text/html' } },
    ])
      expect((await server.app.inject(request)).statusCode).toBe(404);
  });

  it('does not reach files outside the folder of the UI', async () => {
    for (const url of ['/../package.json', '/%2e%2e/package.json', '/assets/..%2f..%2fpackage.json', '/..%5cpackage.json'])
      expect((await server.app.inject({ url })).statusCode).toBeGreaterThanOrEqual(400);
  });
});

describe('files of the admin UI', () => {
  it('with a hash in their name may be kept for ever', async () => {
    const response = await server.app.inject({ url: '/assets/app-1a2b3c.js' });
    expect(response.statusCode).toBe(200);
    expect(response.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(response.headers['content-type']).toMatch(/^(text|application)\/javascript/);
  });

  it('run no inline script and connect to this server only', async () => {
    const { headers } = await server.app.inject({ url: '/', headers: { accept: 'text/html' } });
    const policy = String(headers['content-security-policy']).split(';');
    expect(policy).toEqual(
      expect.arrayContaining(["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"]),
    );
    expect(headers['content-security-policy']).not.toMatch(/unsafe|upgrade-insecure-requests/);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });
    expect(headers['strict-transport-security']).toBeUndefined();
  });
});

describe('a body', () => {
  const post = (contentType: string, payload: string) =>
    server.app.inject({
      method: 'POST',
      url: '/api/v1/projects',
      headers: { authorization: 'Bearer token-of-the-test-suite', 'content-type': contentType },
      payload,
    });

  it('must be JSON', async () => {
    expect(refusal(await post('text/plain', '{}')).code).toBe('unsupported_media_type');
    expect(refusal(await post('application/x-www-form-urlencoded', 'key=a')).code).toBe('unsupported_media_type');
    expect(refusal(await post('application/json', '{"key":')).code).toBe('validation_failed');
    expect(refusal(await post('application/json', '')).code).toBe('validation_failed');
  });

  it('that is broken is told from one that smuggles a prototype, and the member is named', async () => {
    const broken = await post('application/json', '{"key":"a",\n "name": "A"\n "more": 1}');
    expect(broken.json().error).toMatchObject({
      code: 'validation_failed',
      message: 'The body is not valid JSON, at line 3, column 2.',
    });
    const smuggling = await post('application/json', '{"key":"a","name":"A","more":[{"\\u005f_proto__":{"x":1}}]}');
    expect(smuggling.json().error).toMatchObject({
      code: 'validation_failed',
      message: expect.stringMatching(/^The body may not have the member more\[0\]\.__proto__/),
      details: [{ path: 'more[0].__proto__' }],
    });
  });

  it('may not nest without end', async () => {
    const deep = `{"key":"a","name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(refusal(await post('application/json', deep)).code).toBe('validation_failed');
    const nested = `{"key":"a","name":"A","when":${'{"not":'.repeat(150)}{"all":[]}${'}'.repeat(150)}}`;
    const response = await server.app.inject({
      method: 'POST',
      url: '/api/v1/projects/none/segments',
      headers: { authorization: 'Bearer token-of-the-test-suite', 'content-type': 'application/json' },
      payload: nested,
    });
    expect(refusal(response).code).toBe('not_found');
  });

  it('may not be endless', async () => {
    expect(refusal(await post('application/json', `"${'x'.repeat(5_000_000)}"`))).toEqual({
      status: 413,
      code: 'payload_too_large',
    });
  });
});

describe('/api/v1/openapi.json', () => {
  it('describes every route of the management API, with its errors', async () => {
    const document = (await server.app.inject({ url: '/api/v1/openapi.json' })).json();
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        '/api/v1/projects/{project}/flags/{flag}/environments/{environment}/kill',
        '/api/v1/projects/{project}/environments/{environment}/keys',
        '/api/v1/projects/{project}/changes',
      ]),
    );
    const patch = document.paths['/api/v1/projects/{project}/flags/{flag}/environments/{environment}'].patch;
    expect(patch.requestBody.content['application/json'].schema.properties).toHaveProperty('fallthrough');
    expect(Object.keys(patch.responses)).toEqual(expect.arrayContaining(['200', '4XX', '5XX']));
  });
});
