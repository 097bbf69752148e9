import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startTestServer, type TestServer } from '../testing/delivery-server.ts';

const KILL = '/projects/shop/flags/banner/environments/production/kill';

describe('a server whose database a newer build has updated', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
    await server.createFlag('banner');
    await server.database.sql`update drizzle.schema_meta set min_writer = min_writer + 100`;
  });
  afterAll(() => server.close());

  it('refuses every change with a sentence, even a kill, and changes nothing', async () => {
    const response = await server.request('POST', KILL, {});
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '30']);
    expect(await response.json()).toMatchObject({
      error: { code: 'unavailable', message: expect.stringContaining('This server is older than the database') },
    });
    expect(await server.database.sql`select 1 from change_sets where command = 'flag.kill'`).toEqual([]);
  });

  it('goes on serving SDKs and reads, and tells load balancers that it is not the one for changes', async () => {
    await vi.waitUntil(async () => (await fetch(`${server.url}/health/ready`)).status === 503, { timeout: 20_000 });
    expect((await fetch(`${server.url}/health/sync`)).status).toBe(200);
    expect((await server.ruleSet(server.serverKey.secret)).status).toBe(200);
    expect((await server.request('GET', '/projects/shop/flags')).status).toBe(200);
  });

  it('takes changes again once it is shut out no more', async () => {
    await server.database.sql`update drizzle.schema_meta set min_writer = 1`;
    expect((await server.request('POST', KILL, {})).status).toBe(200);
    await vi.waitUntil(async () => (await fetch(`${server.url}/health/ready`)).status === 200, { timeout: 20_000 });
  });
});
