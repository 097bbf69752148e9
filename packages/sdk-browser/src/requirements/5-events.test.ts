/** Section 5 of the OpenFeature specification, through the real web client, with a real server that changes, fails and returns. */
import { type EventDetails, OpenFeature, ProviderEvents, ProviderStatus } from '@openfeature/web-sdk';
import { flagBody, ruleSetOf, type TestServer } from '@yardarm/sync/testing';
import { describe, expect, it, vi } from 'vitest';
import { fakePage } from '../testing/fake-page.ts';
import { soon, usePages } from '../testing/page-client.ts';

const one = ruleSetOf(1, { flags: { colour: flagBody({ value: 'red' }), other: flagBody({}) } });
const two = { ...one, revision: 2, flags: { ...one.flags, colour: flagBody({ value: 'green', revision: 2 }) } };
const { serve, register } = usePages();

async function ready() {
  const server = await serve(one);
  const page = await register(server.url);
  await page.ready;
  await soon(() => expect(server.received).not.toHaveLength(0));
  return { server, ...page };
}

/** From here on nothing gets through; the page is told that its network changed. */
function breakOff(server: TestServer, page: { tell(type: string): void }): void {
  server.failRuleSet((request) => request.destroy());
  server.refuseStream(503);
  page.tell('offline');
}

describe('events of the provider', () => {
  it('Requirement 5.1.1: READY, CONFIGURATION_CHANGED, STALE and READY again are signalled, with their details', async () => {
    const page = fakePage();
    const { server, events } = await ready();
    server.publish(two);
    await soon(() => expect(events).toHaveLength(2));
    breakOff(server, page);
    await soon(() => expect(events).toHaveLength(3));
    server.failRuleSet(null);
    page.tell('online');
    await soon(() => expect(events).toHaveLength(4));
    expect(events).toMatchObject([
      [ProviderEvents.Ready, {}],
      [ProviderEvents.ConfigurationChanged, { flagsChanged: ['colour'] }],
      [ProviderEvents.Stale, { message: expect.any(String) }],
      [ProviderEvents.Ready, {}],
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
    const page = fakePage();
    const { server, client, events } = await ready();
    breakOff(server, page);
    await soon(() => expect(client.providerStatus).toBe(ProviderStatus.STALE));
    // Five minutes of STALE, as far as the provider can see.
    const since = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => since + 301_000);
    server.refuseStream(503);
    page.tell('offline');
    await soon(() => expect(events.at(-1)?.[0]).toBe(ProviderEvents.Error));
    expect(events.at(-1)?.[1]).toMatchObject({ message: expect.stringMatching(/^No contact/), errorCode: 'GENERAL' });
    expect(client.providerStatus).toBe(ProviderStatus.ERROR);
    expect(client.getStringValue('colour', 'none')).toBe('red');
    vi.restoreAllMocks();
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
    await soon(() => expect(client.getStringValue('colour', 'none')).toBe('red'));
    vi.restoreAllMocks();
  });

  it('Requirement 5.2.6: they stay when the provider is changed', async () => {
    const { domain, names, provider } = await ready();
    const { provider: next, ready: nextReady } = await register((await serve(one)).url);
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
    const { ready, events, names } = await register(server.url, { initializeTimeoutMs: 60 });
    await expect(ready).rejects.toThrow();
    expect(events).toMatchObject([[ProviderEvents.Error, { message: expect.stringMatching(/No rule set arrived in time/) }]]);
    await serve(one, { port });
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

describe('a change of context', () => {
  it('Requirement 5.3.4.1, 5.3.4.2: is done when it is announced, without RECONCILING', async () => {
    const { domain, names } = await ready();
    await Promise.all([OpenFeature.setContext(domain, { plan: 'gold' }), OpenFeature.setContext(domain, { plan: 'free' })]);
    expect(names()).toEqual([ProviderEvents.Ready, ProviderEvents.ContextChanged, ProviderEvents.ContextChanged]);
  });

  it('Requirement 5.3.4.3: never ends abnormally, whatever the context holds', async () => {
    const { domain, client, names } = await ready();
    const circular: { self?: unknown } = {};
    circular.self = circular;
    const hostile = Object.defineProperty({}, 'plan', { enumerable: false, get: () => expect.fail('was read') });
    for (const context of [circular, hostile, Object.create(null)]) await OpenFeature.setContext(domain, context as never);
    expect(names()).not.toContain(ProviderEvents.Error);
    expect(client.providerStatus).toBe(ProviderStatus.READY);
  });
});

it('Requirement 5.3.5: the status follows the events', async () => {
  const page = fakePage();
  const { server, client } = await ready();
  const statuses: [string, EventDetails?][] = [];
  for (const event of [ProviderEvents.Stale, ProviderEvents.Ready, ProviderEvents.ConfigurationChanged]) {
    client.addHandler(event, () => void statuses.push([event, client.providerStatus as never]));
  }
  server.publish(two);
  await soon(() => expect(statuses).toHaveLength(2));
  breakOff(server, page);
  await soon(() => expect(client.providerStatus).toBe(ProviderStatus.STALE));
  server.failRuleSet(null);
  page.tell('online');
  await soon(() => expect(client.providerStatus).toBe(ProviderStatus.READY));
  expect(statuses).toEqual([
    [ProviderEvents.Ready, ProviderStatus.READY],
    [ProviderEvents.ConfigurationChanged, ProviderStatus.READY],
    [ProviderEvents.Stale, ProviderStatus.STALE],
    [ProviderEvents.Ready, ProviderStatus.READY],
  ]);
});
