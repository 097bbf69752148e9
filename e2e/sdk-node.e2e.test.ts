import { afterAll, beforeAll, expect, it } from 'vitest';
import { killWriters } from '../packages/sdk-node/fuzz/kill-writes.mjs';
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

it('a snapshot survives the processes that are killed while they write it (row 21; npm run fuzz:snapshot kills a thousand)', async () => {
  let seed = 0;
  const { wrong, halfWritten, replaced } = await killWriters(20, () => (seed++ % 20) / 20);
  expect(wrong).toEqual([]);
  // Otherwise nothing was at stake.
  expect(halfWritten + replaced).toBeGreaterThan(0);
});
