import { afterAll, beforeAll, expect, it } from 'vitest';
import { runHost, WAYS } from '../packages/sdk-node/runtimes/run-host.mjs';
import { serveOneRuleSet } from '../packages/sdk-node/runtimes/serve.mjs';

let server: Awaited<ReturnType<typeof serveOneRuleSet>>;
beforeAll(async () => {
  server = await serveOneRuleSet();
});
afterAll(() => server.stop());

it.each(Object.keys(WAYS) as (keyof typeof WAYS)[])(
  'the built Node SDK answers, complains of nothing and lets the process end: %s',
  async (way) => {
    const where = way === 'worker thread' ? 'worker' : 'main thread';
    expect(await runHost(process.execPath, way, server.url)).toBe(`ok 3 ok 3 ${where} Node ${process.versions.node}`);
    expect(server.streams()).toBeGreaterThan(0);
  },
);
