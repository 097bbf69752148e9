import { flagBody, ruleSetOf, startTestServer, type TestServer } from '@yardarm/sync/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { type ClientView, followClientView } from './client-view.ts';

const KEY = 'yc_0123456789';
const one = ruleSetOf(1, { flags: { colour: flagBody({ value: '</script><b>' }) } });
const two = { ...one, revision: 2, flags: { colour: flagBody({ value: 'green', revision: 2 }) } };

const servers: TestServer[] = [];
const views: ClientView[] = [];
afterEach(async () => {
  for (const view of views.splice(0)) view.close();
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function follow(options = {}) {
  const server = await startTestServer({ ruleSet: one, key: KEY });
  servers.push(server);
  const view = followClientView({ url: server.url, key: KEY, ...options });
  views.push(view);
  return { server, view };
}
const soon = (assertion: () => void) => vi.waitFor(assertion, { timeout: 20_000, interval: 5 });

it('is the rule set that a browser would fetch, safe inside a script element, and follows its changes', async () => {
  const { server, view } = await follow();
  expect(view.json()).toBe('null');
  await view.ready;
  expect(view.json()).not.toContain('<');
  expect(JSON.parse(view.json())).toEqual(one);
  expect(view.json()).toBe(view.json());
  await soon(() => expect(server.openSockets()).toBe(1));
  server.publish(two);
  await soon(() => expect(JSON.parse(view.json())).toEqual(two));
});

it('has a flag off that was killed before its body says so, without the tag of that body', async () => {
  const { server, view } = await follow();
  await view.ready;
  await soon(() => expect(server.received).not.toHaveLength(0));
  const kill = [{ key: 'colour', offVariant: null, revision: 3 }];
  server.sendRaw(JSON.stringify({ type: 'delta', epoch: one.epoch, from: 2, to: 3, digest: '', kill, put: [], remove: [] }));
  await soon(() => expect(JSON.parse(view.json()).flags.colour).toMatchObject({ on: false, offVariant: null, tag: '' }));
});

it('is ready without a rule set after its time, and has none', async () => {
  const { view } = await follow({ url: 'http://127.0.0.1:9', initializeTimeoutMs: 50 });
  await view.ready;
  expect(view.json()).toBe('null');
});

it('keeps the process alive until it is ready, and no longer', async () => {
  const held = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = held();
  const { view } = await follow({ url: 'http://127.0.0.1:9', initializeTimeoutMs: 50 });
  expect(held()).toBeGreaterThan(before);
  await view.ready;
  await soon(() => expect(held()).toBeLessThanOrEqual(before));
});

it('reports that nothing was counted, since the server takes an instance without reports for one that evaluates unheard', async () => {
  const { server, view } = await follow({ app: { name: 'shop', commit: 'a1b2c3d' } });
  await soon(() => expect(server.received).not.toHaveLength(0));
  view.close();
  await soon(() => expect(server.batches).toHaveLength(1));
  expect(server.batches[0]).toMatchObject({ seq: 1, counts: [], lost: 0, app: { name: 'shop', commit: 'a1b2c3d' } });
  expect(server.received[0]).toMatchObject({ type: 'hello', instance: server.batches[0]?.instance });
});

it('reports nothing where that is not wanted', async () => {
  const { server, view } = await follow({ telemetry: false });
  await soon(() => expect(server.openSockets()).toBe(1));
  view.close();
  await soon(() => expect(server.openSockets()).toBe(0));
  expect(server.requests.map(({ path }) => path)).not.toContain('/sync/v1/telemetry');
});

it('takes no server key, whose rule set is not for browsers', () => {
  expect(() => followClientView({ url: 'http://localhost:4400', key: 'ys_0123456789' })).toThrow(/must be a client key/);
});

it('close ends the connection', async () => {
  const { server, view } = await follow();
  await soon(() => expect(server.openSockets()).toBe(1));
  view.close();
  await soon(() => expect(server.openSockets()).toBe(0));
});
