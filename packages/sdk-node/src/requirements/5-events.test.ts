/**
 * Section 5 of the OpenFeature specification, through the real server client, with a real server that changes, fails and returns.
 *
 * Not here, because they are about a context that stays set, as in a page: 5.3.4.1, 5.3.4.2, 5.3.4.3.
 */
import { OpenFeature, ProviderEvents, ProviderStatus } from '@openfeature/server-sdk';
import { flagBody, ruleSetOf } from '@yardarm/sync/testing';
import { describe, expect, it, vi } from 'vitest';
import { soon, useHosts } from '../testing/host-client.ts';

const one = ruleSetOf(1, { flags: { colour: flagBody({ value: 'red' }), other: flagBody({}) } });
const two = { ...one, revision: 2, flags: { ...one.flags, colour: flagBody({ value: 'green', revision: 2 }) } };
const { serve, register, breakOff, repair } = useHosts();

async function ready() {
  const server = await serve(one);
  const host = register(server.url);
  await host.ready;
  await soon(() => expect(server.received).not.toHaveLength(0));
  return { server, ...host };
}

describe('events of the provider', () => {
  it('Requirement 5.1.1, 5.3.5: READY, CONFIGURATION_CHANGED, STALE and READY again are signalled, with their details, and the status follows', async () => {
    const { server, client, events } = await ready();
    const statuses = [client.providerStatus];
    for (const event of [ProviderEvents.ConfigurationChanged, ProviderEvents.Stale]) {
      client.addHandler(event, () => void statuses.push(client.providerStatus));
    }
    server.publish(two);
    await soon(() => expect(events).toHaveLength(2));
    breakOff(server, two);
    await soon(() => expect(events).toHaveLength(3));
    expect((await client.getStringDetails('colour', 'none')).flagMetadata.staleForMs).toBeGreaterThanOrEqual(0);
    repair(server);
    await soon(() => expect(events).toHaveLength(4));
    expect(events).toMatchObject([
      [ProviderEvents.Ready, {}],
      [ProviderEvents.ConfigurationChanged, { flagsChanged: ['colour'] }],
      [ProviderEvents.Stale, { message: expect.any(String) }],
      [ProviderEvents.Ready, {}],
    ]);
    expect([...statuses, client.providerStatus]).toEqual([
      ProviderStatus.READY,
      ProviderStatus.READY,
      ProviderStatus.STALE,
      ProviderStatus.READY,
    ]);
  });

  it('Requirement 5.1.2, 5.1.3: handlers of its client and of the API run, those of other clients do not', async () => {
    const [here, there] = [await ready(), await ready()];
    const api = vi.fn();
    OpenFeature.addHandler(ProviderEvents.ConfigurationChanged, api);
    here.server.publish(two);
    await soon(() => expect(here.names()).toContain(ProviderEvents.ConfigurationChanged));
    expect(api).toHaveBeenCalledTimes(1);
    expect(there.names()).toEqual([ProviderEvents.Ready]);
  });

  it('Requirement 5.1.4, 5.1.5: ERROR says what went wrong, in words and as a code, and is never fatal', async () => {
    const { server, client, events } = await ready();
    breakOff(server, one);
    await soon(() => expect(client.providerStatus).toBe(ProviderStatus.STALE));
    // Five minutes of STALE, as far as the provider can see.
    const since = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => since + 301_000);
    server.cut();
    await soon(() => expect(events.at(-1)?.[0]).toBe(ProviderEvents.Error));
    expect(events.at(-1)?.[1]).toMatchObject({ message: expect.stringMatching(/^No contact/), errorCode: 'GENERAL' });
    expect(client.providerStatus).toBe(ProviderStatus.ERROR);
    expect(await client.getStringValue('colour', 'none')).toBe('red');
  });
});

describe('handlers', () => {
  it('Requirement 5.2.1, 5.2.2, 5.2.3, 5.2.4: client and API take handlers, which learn the provider’s name', async () => {
    const { server, client } = await ready();
    const [own, api] = [vi.fn(), vi.fn()];
    client.addHandler(ProviderEvents.ConfigurationChanged, own);
    OpenFeature.addHandler(ProviderEvents.ConfigurationChanged, api);
    server.publish(two);
    await soon(() => expect(own).toHaveBeenCalledTimes(1));
    for (const handler of [own, api]) {
      expect(handler.mock.calls[0]?.[0]).toMatchObject({ providerName: 'yardarm', flagsChanged: ['colour'] });
    }
  });

  it('Requirement 5.2.5: one that fails stops neither the others nor the provider', async () => {
    const { server, client } = await ready();
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const other = vi.fn();
    client.addHandler(ProviderEvents.ConfigurationChanged, () => {
      throw new Error('of the application');
    });
    client.addHandler(ProviderEvents.ConfigurationChanged, other);
    server.publish(two);
    await soon(() => expect(other).toHaveBeenCalledTimes(1));
    server.publish({ ...one, revision: 3 });
    await soon(async () => expect(await client.getStringValue('colour', 'none')).toBe('red'));
  });

  it('Requirement 5.2.6: they stay when the provider is changed', async () => {
    const { domain, names, provider } = await ready();
    const { provider: next, ready: nextReady } = register((await serve(one)).url);
    await nextReady;
    expect(next).not.toBe(provider);
    await OpenFeature.setProviderAndWait(domain, next);
    expect(names()).toEqual([ProviderEvents.Ready, ProviderEvents.Ready]);
  });

  it('Requirement 5.2.7: they can be removed', async () => {
    const { server, client, names } = await ready();
    const [own, api] = [vi.fn(), vi.fn()];
    client.addHandler(ProviderEvents.ConfigurationChanged, own);
    OpenFeature.addHandler(ProviderEvents.ConfigurationChanged, api);
    client.removeHandler(ProviderEvents.ConfigurationChanged, own);
    OpenFeature.removeHandler(ProviderEvents.ConfigurationChanged, api);
    server.publish(two);
    await soon(() => expect(names()).toContain(ProviderEvents.ConfigurationChanged));
    expect(own).not.toHaveBeenCalled();
    expect(api).not.toHaveBeenCalled();
  });
});

describe('initialising', () => {
  it('Requirement 5.3.1: that succeeds runs the READY handlers, once', async () => {
    expect((await ready()).names()).toEqual([ProviderEvents.Ready]);
  });

  it('Requirement 5.3.2: that fails runs the ERROR handlers, and READY follows when a server is there', async () => {
    const server = await serve(one);
    const port = Number(new URL(server.url).port);
    await server.stop();
    const { ready, events, names } = register(server.url, { initializeTimeoutMs: 60 });
    await expect(ready).rejects.toThrow();
    expect(events).toMatchObject([[ProviderEvents.Error, { message: expect.stringMatching(/No rule set arrived in time/) }]]);
    await serve(one, port);
    await soon(() => expect(names()).toEqual([ProviderEvents.Error, ProviderEvents.Ready]));
  });

  it('Requirement 5.3.3: a handler of the state that is reached runs at once', async () => {
    const { client } = await ready();
    const [own, api] = [vi.fn(), vi.fn()];
    client.addHandler(ProviderEvents.Ready, own);
    OpenFeature.addHandler(ProviderEvents.Ready, api);
    expect(own).toHaveBeenCalledTimes(1);
    expect(api).toHaveBeenCalledTimes(1);
  });
});
