import { readFileSync } from 'node:fs';
import { OpenFeature, ProviderEvents, ProviderStatus } from '@openfeature/web-sdk';
import { flagBody, ruleSetOf, segmentBody } from '@yardarm/sync/testing';
import { describe, expect, it, vi } from 'vitest';
import { SDK, YardarmWebProvider } from './provider.ts';
import { fakePage, fakeStorage } from './testing/fake-page.ts';
import { KEY, soon, usePages } from './testing/page-client.ts';

const one = ruleSetOf(1, {
  flags: { colour: flagBody({ value: 'red' }), members: flagBody({ segment: 'beta' }) },
  segments: { beta: segmentBody({ include: 'user-1' }) },
});
const two = { ...one, revision: 2, flags: { ...one.flags, colour: flagBody({ value: 'green', revision: 2 }) } };

const pages = usePages();
const serve = (ruleSet = one, options = {}) => pages.serve(ruleSet, options);
const { register } = pages;

describe('a provider in a page', () => {
  it('is READY once, with the first rule set, and answers synchronously', async () => {
    const server = await serve();
    const { client, ready, names } = await register(server.url);
    await ready;
    expect(client.getStringDetails('colour', 'none')).toMatchObject({
      value: 'red',
      variant: 'shown',
      flagMetadata: { flagSetId: 'shop/test', version: '1' },
    });
    expect(client.getBooleanDetails('colour', true)).toMatchObject({ value: true, errorCode: 'TYPE_MISMATCH' });
    expect(client.getNumberValue('nothing', 7)).toBe(7);
    expect(client.getObjectValue('nothing', { a: 1 })).toEqual({ a: 1 });
    expect(names()).toEqual([ProviderEvents.Ready]);
  });

  it('sends the key as a subprotocol and as a header, never in a URL', async () => {
    const server = await serve();
    await (await register(server.url)).ready;
    await soon(() => expect(server.received).not.toHaveLength(0));
    const stream = server.requests.find(({ headers }) => headers.upgrade !== undefined);
    const ruleSet = server.requests.find(({ headers }) => headers.upgrade === undefined);
    expect(stream?.headers['sec-websocket-protocol']).toMatch(/^yardarm\.sync\.1, ?yardarm\.key\.yc_0123456789$/);
    expect(ruleSet?.headers.authorization).toBe(`Bearer ${KEY}`);
    for (const { path } of server.requests) expect(path).not.toContain(KEY);
    expect(server.received[0]).toMatchObject({ type: 'hello', sdk: SDK, app: { name: 'shop page' } });
  });

  it('follows a change, names exactly the flags it concerns, and confirms it', async () => {
    const server = await serve();
    const { client, ready, events } = await register(server.url);
    await ready;
    await soon(() => expect(server.openSockets()).toBe(1));
    const seen: string[] = [];
    client.addHandler(ProviderEvents.ConfigurationChanged, () => void seen.push(client.getStringValue('colour', 'none')));
    server.publish(two);
    await soon(() => expect(seen).toEqual(['green']));
    expect(events.at(-1)).toMatchObject([ProviderEvents.ConfigurationChanged, { flagsChanged: ['colour'] }]);
    await soon(() => expect(server.received.at(-1)).toMatchObject({ type: 'applied', revision: 2 }));
  });

  it('works over HTTP alone when websockets are refused', async () => {
    const server = await serve();
    server.refuseStream(403);
    const { client, ready } = await register(server.url);
    await ready;
    expect(client.getStringValue('colour', 'none')).toBe('red');
  });

  it('evaluates time rules by the clock of the server', async () => {
    const laterMs = Date.now() + 3_600_000;
    const when = { now: 'after' as const, values: [laterMs] };
    const sale = { ...flagBody({}), rules: [{ id: 'r', when, serve: { variant: 'member' } }] };
    const server = await serve(ruleSetOf(1, { flags: { sale } }));
    const { client, ready, events } = await register(server.url);
    await ready;
    expect(client.getStringValue('sale', 'none')).toBe('blue');
    await soon(() => expect(server.received).not.toHaveLength(0));
    const state = { epoch: one.epoch, revision: 1, digest: '0123456789abcdef' };
    server.sendRaw(JSON.stringify({ type: 'welcome', format: 1, view: 'client', beatMs: 15_000, now: laterMs + 1, ...state }));
    await soon(() => expect(client.getStringValue('sale', 'none')).toBe('blue for members'));
    expect(events.at(-1)).toMatchObject([ProviderEvents.ConfigurationChanged, { flagsChanged: ['sale'] }]);
  });
});

describe('a change of context', () => {
  it('is evaluated at once, without RECONCILING', async () => {
    const { domain, client, ready, names } = await register((await serve()).url);
    await ready;
    expect(client.getStringValue('members', 'none')).toBe('blue');
    await OpenFeature.setContext(domain, { targetingKey: 'user-1' });
    expect(client.getStringValue('members', 'none')).toBe('blue for members');
    expect(names()).toEqual([ProviderEvents.Ready, ProviderEvents.ContextChanged]);
  });

  it('does not hide that there is no contact with the server', async () => {
    const server = await serve();
    const { domain, client, ready, names } = await register(server.url);
    await ready;
    await soon(() => expect(server.received).not.toHaveLength(0));
    server.failRuleSet(() => {});
    server.refuseStream(503);
    const state = { epoch: one.epoch, revision: 1, digest: '0123456789abcdef' };
    server.sendRaw(JSON.stringify({ type: 'welcome', format: 1, view: 'client', beatMs: 40, now: Date.now(), ...state }));
    await soon(() => expect(client.providerStatus).toBe(ProviderStatus.STALE));
    await OpenFeature.setContext(domain, { targetingKey: 'user-1' });
    await soon(() => expect(client.providerStatus).toBe(ProviderStatus.STALE));
    expect(names().slice(-2)).toEqual([ProviderEvents.ContextChanged, ProviderEvents.Stale]);
    expect(client.getStringValue('members', 'none')).toBe('blue for members');
  });
});

describe('without a server', () => {
  it('initialising fails after its time, and answers are code defaults with the reason', async () => {
    const server = await serve();
    await server.stop();
    const { client, ready } = await register(server.url, { initializeTimeoutMs: 100 });
    await expect(ready).rejects.toThrow(/^Yardarm: No rule set arrived in time/);
    expect(client.getStringDetails('colour', 'mine')).toMatchObject({ value: 'mine', errorCode: 'PROVIDER_NOT_READY' });
  });

  it('initialising fails after its usual time where the one given is no number', async () => {
    const server = await serve();
    await server.stop();
    const { ready } = await register(server.url, { initializeTimeoutMs: Number.NaN });
    await expect(ready).rejects.toThrow(/No rule set arrived in time/);
  });

  it('starts from the local storage: usable within 100 ms with 1 000 flags, STALE, then READY with the newest', async () => {
    vi.stubGlobal('localStorage', fakeStorage());
    const flags = Object.fromEntries(Array.from({ length: 999 }, (_, index) => [`flag-${index}`, flagBody({})]));
    // Of its own: a page that was closed may write what it held a second later.
    const key = 'yc_of_this_test';
    const server = await serve({ ...one, flags: { ...one.flags, ...flags } }, { key });
    const port = Number(new URL(server.url).port);
    const first = await register(server.url, { key });
    await first.ready;
    await soon(() => expect(localStorage.getItem(`yardarm ${key}`)).not.toBeNull());
    await first.provider.onClose();
    await server.stop();

    // By the processor, the least of three: what else this machine does would only add to the clock.
    const tookMs: number[] = [];
    for (let turn = 0; turn < 3; turn++) {
      const before = process.cpuUsage();
      const { provider, ready } = await register(server.url, { key });
      await ready;
      const { user, system } = process.cpuUsage(before);
      tookMs.push((user + system) / 1e3);
      await provider.onClose();
    }
    const { client, ready, names } = await register(server.url, { key });
    await ready;
    expect(client.getStringValue('colour', 'none')).toBe('red');
    await soon(() => expect(client.providerStatus).toBe(ProviderStatus.STALE));
    expect(names()).toEqual([ProviderEvents.Ready, ProviderEvents.Stale]);
    await serve(two, { port, key });
    await soon(() => expect(client.getStringValue('colour', 'none')).toBe('green'));
    await soon(() => expect(client.providerStatus).toBe(ProviderStatus.READY));
    expect(Math.min(...tookMs)).toBeLessThan(100);
  });

  it('ignores what another key, or an accident, left in the local storage, and does without where there is none', async () => {
    const server = await serve();
    await server.stop();
    const storages = [fakeStorage({ [`yardarm ${KEY}`]: 'nonsense' }), fakeStorage({ [`yardarm ${KEY}`]: '' }), undefined];
    for (const storage of storages) {
      vi.stubGlobal('localStorage', storage);
      const { ready } = await register(server.url, { initializeTimeoutMs: 60 });
      await expect(ready).rejects.toThrow(/No rule set arrived in time/);
    }
  });

  it('a storage that is full costs the snapshot and nothing else, and the one before stays', async () => {
    const key = 'yc_of_a_full_one';
    const item = `yardarm ${key}`;
    const storage = fakeStorage({ [item]: 'of before' });
    const setItem = vi.fn(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    vi.stubGlobal('localStorage', { getItem: storage.getItem, setItem });
    const server = await serve(one, { key });
    const { client, ready } = await register(server.url, { key });
    await ready;
    await soon(() => expect(setItem).toHaveBeenCalled());
    server.publish(two);
    await soon(() => expect(client.getStringValue('colour', 'none')).toBe('green'));
    await soon(() => expect(setItem).toHaveBeenCalledTimes(2));
    expect(storage.getItem(item)).toBe('of before');
  });

  it('keeps nothing where it was told not to', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    vi.stubGlobal('localStorage', fakeStorage());
    // By its own name: what a provider of the test before still had to write may come meanwhile.
    const key = 'yc_keeps_nothing';
    const { ready } = await register((await serve(one, { key })).url, { key, snapshot: false });
    await ready;
    vi.runOnlyPendingTimers();
    expect(localStorage.getItem(`yardarm ${key}`)).toBeNull();
  });

  it('a page that forbids the connection is an outage like any other', async () => {
    vi.stubGlobal(
      'WebSocket',
      class {
        constructor() {
          throw new Error('refused by the content security policy');
        }
      },
    );
    const { client, ready } = await register((await serve()).url);
    await ready;
    expect(client.getStringValue('colour', 'none')).toBe('red');
  });
});

describe('a rule set that came with the page', () => {
  it('answers in the same turn', async () => {
    const { url } = await serve();
    const domain = 'at once';
    OpenFeature.setProvider(domain, new YardarmWebProvider({ url, key: KEY, bootstrap: one }));
    expect(OpenFeature.getClient(domain).providerStatus).toBe(ProviderStatus.READY);
    expect(OpenFeature.getClient(domain).getStringValue('colour', 'none')).toBe('red');
  });

  it('is announced as READY once, and claimed to no server; the server’s position comes without its content', async () => {
    const server = await serve();
    const { ready, names } = await register(server.url, { bootstrap: { ...one, revision: 900 } });
    await ready;
    await soon(() => expect(server.received.at(-1)).toMatchObject({ type: 'applied', revision: 1 }));
    expect(server.received[0]).toMatchObject({ type: 'hello' });
    expect(server.received[0]).not.toHaveProperty('have');
    expect(server.requests.some(({ headers }) => headers['if-none-match'] !== undefined)).toBe(true);
    for (const { path } of server.requests) expect(path).not.toMatch(/have=(?!1000-a\.1$)/);
    expect(names()).toEqual([ProviderEvents.Ready]);
  });

  it('of another environment gives way to the key’s own, however new it is, and is not kept', async () => {
    vi.stubGlobal('localStorage', fakeStorage());
    const foreign = ruleSetOf(900, { flags: { colour: flagBody({ value: 'foreign' }) } }, '9999999999999-z');
    const alone = await register('http://127.0.0.1:1', { bootstrap: foreign, key: 'yc_987654321' });
    await alone.ready;
    expect(alone.client.getStringValue('colour', 'none')).toBe('foreign');
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(localStorage.getItem('yardarm yc_987654321')).toBeNull();
    const own = await register((await serve()).url, { bootstrap: foreign });
    await soon(() => expect(own.client.getStringValue('colour', 'none')).toBe('red'));
    expect(own.client.providerStatus).toBe(ProviderStatus.READY);
    expect(own.events.at(-1)).toMatchObject([ProviderEvents.ConfigurationChanged, { flagsChanged: ['colour', 'members'] }]);
  });

  it('gives way to what is newer, with the flags that changed', async () => {
    const { client, ready, events } = await register((await serve(two)).url, { bootstrap: one });
    await ready;
    await soon(() => expect(client.getStringValue('colour', 'none')).toBe('green'));
    expect(events.at(-1)).toMatchObject([ProviderEvents.ConfigurationChanged, { flagsChanged: ['colour'] }]);
  });

  it('goes before what was kept, which is not what the page was made of', async () => {
    vi.stubGlobal('localStorage', fakeStorage());
    const server = await serve(two);
    const first = await register(server.url);
    await first.ready;
    await soon(() => expect(localStorage).toHaveLength(1));
    await first.provider.onClose();
    await server.stop();
    const { client } = await register(server.url, { bootstrap: one });
    expect(client.getStringValue('colour', 'none')).toBe('red');
  });

  it('that cannot be read is ignored', async () => {
    for (const bootstrap of [null, 7, 'text', [], {}, { ...one, format: 2 }, { ...one, flags: { a: 1 } }]) {
      const { client, ready } = await register((await serve()).url, { bootstrap });
      expect(client.providerStatus).toBe(ProviderStatus.NOT_READY);
      await ready;
    }
  });
});

describe('a page that is hidden', () => {
  it('lets go of its connection after a minute, and catches up at once when somebody looks', async () => {
    const page = fakePage();
    const server = await serve();
    const { client, ready } = await register(server.url);
    await ready;
    await soon(() => expect(server.received).not.toHaveLength(0));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    page.setHidden(true);
    vi.advanceTimersByTime(59_999);
    expect(client.providerStatus).toBe(ProviderStatus.READY);
    vi.advanceTimersByTime(1);
    vi.useRealTimers();
    await soon(() => expect(server.openSockets()).toBe(0));
    server.publish(two);
    page.setHidden(false);
    await soon(() => expect(client.getStringValue('colour', 'none')).toBe('green'));
    await soon(() => expect(client.providerStatus).toBe(ProviderStatus.READY));
  });

  it('sends the counts of evaluations before it may be put to sleep', async () => {
    const page = fakePage();
    const server = await serve();
    const { client, ready } = await register(server.url);
    await ready;
    client.getStringValue('colour', 'none');
    const reports = () => server.requests.filter(({ path }) => path === '/sync/v1/telemetry').length;
    expect(reports()).toBe(0);
    page.setHidden(true);
    await soon(() => expect(reports()).toBe(1));
  });

  it('for less than that keeps everything', async () => {
    const page = fakePage();
    const server = await serve();
    const { ready } = await register(server.url);
    await ready;
    await soon(() => expect(server.received).not.toHaveLength(0));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    page.setHidden(true);
    page.setHidden(false);
    vi.advanceTimersByTime(60_000);
    vi.useRealTimers();
    expect(server.openSockets()).toBe(1);
    expect(server.requests.filter(({ headers }) => headers.upgrade !== undefined)).toHaveLength(1);
  });

  it('or left lets go at once, comes back with its connection, and hears nothing after onClose', async () => {
    const page = fakePage();
    const server = await serve();
    const { provider, ready } = await register(server.url);
    await ready;
    await soon(() => expect(server.openSockets()).toBe(1));
    page.tell('pagehide');
    await soon(() => expect(server.openSockets()).toBe(0));
    page.tell('online');
    page.tell('pageshow');
    await soon(() => expect(server.openSockets()).toBe(1));
    await provider.onClose();
    await soon(() => expect(server.openSockets()).toBe(0));
    expect(page.listeners()).toBe(0);
  });
});

it('a network that goes is noticed, and one that comes back used, at once', async () => {
  const page = fakePage();
  const server = await serve();
  const { client, ready, names } = await register(server.url);
  await ready;
  await soon(() => expect(server.openSockets()).toBe(1));
  server.refuseStream(503);
  server.failRuleSet((request) => request.destroy());
  page.tell('offline');
  await soon(() => expect(client.providerStatus).toBe(ProviderStatus.STALE));
  server.refuseStream(null);
  server.failRuleSet(null);
  page.tell('online');
  await soon(() => expect(client.providerStatus).toBe(ProviderStatus.READY));
  expect(names()).toEqual([ProviderEvents.Ready, ProviderEvents.Stale, ProviderEvents.Ready]);
  await soon(() => expect(server.openSockets()).toBe(1));
});

it('a network that comes and goes all the time is used at once, and once more when a second has passed', async () => {
  const page = fakePage();
  const server = await serve();
  const { ready } = await register(server.url);
  await ready;
  await soon(() => expect(server.openSockets()).toBe(1));
  const attempts = () => server.requests.filter(({ headers }) => headers.upgrade !== undefined).length;
  page.tell('offline');
  await soon(() => expect(attempts()).toBe(2));
  for (let times = 0; times < 20; times++) {
    page.tell(times % 2 === 0 ? 'online' : 'offline');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await soon(() => expect(server.openSockets()).toBe(1));
  await soon(() => expect(attempts()).toBe(3));
  await soon(() => expect(server.openSockets()).toBe(1));
});

it('onClose ends the connection', async () => {
  const server = await serve();
  const { provider, ready } = await register(server.url);
  await ready;
  await soon(() => expect(server.openSockets()).toBe(1));
  await provider.onClose();
  await soon(() => expect(server.openSockets()).toBe(0));
});

it('refuses what would fail without a word', () => {
  expect(() => new YardarmWebProvider({ url: undefined, key: KEY })).toThrow(/^Yardarm: Option 'url' must be/);
  expect(() => new YardarmWebProvider({ url: 'https://flags.example.com', key: undefined })).toThrow(/Option 'key' must be/);
});

it('refuses a server key, which a page would give away', () => {
  expect(() => new YardarmWebProvider({ url: 'https://flags.example.com', key: 'ys_0123456789' })).toThrow(/is a secret/);
});

it('calls itself by the name and version of its package', () => {
  const { name, version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  expect(SDK).toBe(`${name}/${version}`);
});
