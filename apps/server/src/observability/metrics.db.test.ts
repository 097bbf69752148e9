import { timingSafeEqual } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { refusal, type TestApp, testApp } from '../testing/test-app.ts';

vi.mock('node:crypto', { spy: true });

const TOKEN = 'metrics-token-of-the-test';
let server: TestApp;
beforeAll(async () => {
  server = await testApp({ metricsToken: TOKEN });
});
afterAll(() => server.close());

const scrape = (authorization?: string) =>
  server.app.inject({ url: '/metrics', headers: { ...(authorization && { authorization }) } });

describe('GET /metrics', () => {
  it('asks for its token, and takes no API token instead', async () => {
    for (const header of [undefined, 'Bearer wrong', 'Bearer token-of-the-test-suite'])
      expect(refusal(await scrape(header))).toEqual({ status: 401, code: 'unauthenticated' });
  });

  it('timing: compares hashes of one length, all of them, however much of the token was guessed', async () => {
    const compared = vi.mocked(timingSafeEqual);
    for (const guess of ['', 'm', TOKEN.slice(0, -1), `${TOKEN}x`, TOKEN.replace(/.$/, '!'), 'x'.repeat(500)]) {
      compared.mockClear();
      expect(refusal(await scrape(`Bearer ${guess}`)).status).toBe(401);
      expect(compared.mock.calls.map(([given, own]) => given.byteLength - own.byteLength)).toEqual([0]);
    }
    compared.mockClear();
    expect((await scrape(`Bearer ${TOKEN}`)).statusCode).toBe(200);
    expect(compared).toHaveBeenCalledOnce();
  });

  it('says how the process and its answers do, by route and never by address', async () => {
    await server.call('GET', '/projects/secret-project-name');
    const { body, headers } = await scrape(`Bearer ${TOKEN}`);
    expect(headers['content-type']).toMatch(/^text\/plain/);
    expect(body).toMatch(/^process_cpu_seconds_total \d/m);
    expect(body).toMatch(/^yardarm_sdk_sockets 0$/m);
    expect(body).toContain(
      'yardarm_http_request_duration_seconds_count{method="GET",route="/api/v1/projects/:project",status="404"} 1',
    );
    expect(body).not.toContain('secret-project-name');
  });

  it('is not there without a token in the configuration', async () => {
    const plain = await testApp();
    expect(refusal(await plain.app.inject({ url: '/metrics' }))).toEqual({ status: 404, code: 'not_found' });
    await plain.close();
  });
});
