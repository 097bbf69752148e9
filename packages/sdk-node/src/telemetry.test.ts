import { setTimeout as delay } from 'node:timers/promises';
import { OpenFeature } from '@openfeature/server-sdk';
import { flagBody, ruleSetOf, segmentBody, startTestServer, type TestServer } from '@yardarm/sync/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { YardarmOptions } from './options.ts';
import { YardarmProvider } from './provider.ts';

const KEY = 'ys_0123456789';
const SECRET = 'ann@example.com';
const targeted = {
  ...flagBody({}),
  rules: [
    {
      id: 'paying',
      when: { all: [{ segment: 'beta' }, { attribute: 'plan', op: 'equals' as const, values: ['pro'] }] },
      serve: { variant: 'member' },
    },
    {
      id: 'known',
      when: { attribute: 'email', op: 'ends_with' as const, values: ['@example.org'] },
      serve: { variant: 'member' },
    },
  ],
};
const ruleSet = ruleSetOf(1, {
  flags: { colour: flagBody({ value: 'red' }), targeted },
  segments: { beta: segmentBody({ include: SECRET }) },
});

const servers: TestServer[] = [];
afterEach(async () => {
  await OpenFeature.clearProviders();
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function start(options: Partial<YardarmOptions> = {}) {
  const server = await startTestServer({ ruleSet, key: KEY });
  servers.push(server);
  const provider = new YardarmProvider({ url: server.url, key: KEY, ...options });
  await OpenFeature.setProviderAndWait(provider);
  return { server, provider, client: OpenFeature.getClient() };
}

describe('counts of evaluations', () => {
  it('arrive when the provider closes, of OpenFeature and of the synchronous API alike', async () => {
    const { server, provider, client } = await start();
    await client.getStringValue('colour', 'none');
    provider.string('colour', 'none');
    provider.string('colour', 'other');
    await client.getBooleanValue('colour', true);
    await client.getObjectValue('nothing', { a: 1 });
    await provider.onClose();
    expect(server.batches).toHaveLength(1);
    const [batch] = server.batches;
    expect(batch).toMatchObject({ instance: expect.any(String), seq: 1, lost: 0 });
    expect(batch?.from).toBeLessThanOrEqual(batch?.to ?? 0);
    const counts = batch?.counts.map(({ flag, variant, reason, defaultServed, n }) => [flag, variant, reason, defaultServed, n]);
    expect(counts).toEqual(
      expect.arrayContaining([
        ['colour', 'shown', 'STATIC', false, 2],
        ['colour', 'shown', 'STATIC', false, 1],
        ['colour', null, 'ERROR', true, 1],
        ['nothing', null, 'ERROR', true, 1],
      ]),
    );
    expect(counts).toHaveLength(4);
  });

  it('come from the instance that says hello, and count what was asked before the first rule set', async () => {
    const server = await startTestServer({ ruleSet, key: KEY });
    servers.push(server);
    const provider = new YardarmProvider({ url: server.url, key: KEY });
    const ready = provider.initialize();
    expect(provider.string('colour', 'early')).toBe('early');
    await ready;
    await vi.waitFor(() => expect(server.received).not.toHaveLength(0), { timeout: 20_000, interval: 5 });
    await provider.onClose();
    expect(server.received[0]).toMatchObject({ instance: server.batches[0]?.instance });
    expect(server.batches[0]?.counts).toMatchObject([{ flag: 'colour', variant: null, defaultServed: true, n: 1 }]);
  });

  it('name the rules that lacked an attribute, and hold nothing of any context', async () => {
    const { server, provider, client } = await start();
    await client.getStringValue('targeted', 'none', { targetingKey: SECRET, address: { city: 'Bergen' } });
    await provider.onClose();
    expect(server.batches[0]?.skipped).toEqual([
      { flag: 'targeted', rule: 'paying', attribute: 'plan' },
      { flag: 'targeted', rule: 'known', attribute: 'email' },
    ]);
    for (const word of [SECRET, 'Bergen', 'city', '@example.org', 'pro"'])
      expect(JSON.stringify(server.batches)).not.toContain(word);
  });

  it('are not made where they are not wanted', async () => {
    const { server, provider, client } = await start({ telemetry: false });
    await client.getStringValue('colour', 'none');
    await provider.onClose();
    expect(server.batches).toEqual([]);
    expect(server.requests.map(({ path }) => path)).not.toContain('/sync/v1/telemetry');
  });

  it('on their way while it closes take no answer from requests that go on, and after that there are code defaults', async () => {
    const { provider } = await start();
    provider.string('colour', 'none');
    const closed = provider.onClose();
    expect(provider.string('colour', 'none')).toBe('red');
    await closed;
    expect(provider.string('colour', 'none')).toBe('none');
  });

  it('do not hold up closing for more than two seconds', async () => {
    const { server, provider } = await start();
    provider.string('colour', 'none');
    server.failRuleSet(() => {});
    // A timer beside it, which a busy machine delays as much.
    const later = delay(2_900, 'later', { ref: false });
    expect(await Promise.race([provider.onClose(), later])).toBeUndefined();
    expect(provider.string('colour', 'closed')).toBe('closed');
  });
});
