import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusal, type TestApp, testApp } from '../testing/test-app.ts';

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
