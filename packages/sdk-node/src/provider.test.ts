import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createNetServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type EventDetails, OpenFeature, ProviderEvents, ProviderStatus } from '@openfeature/server-sdk';
import { flagBody, ruleSetOf, segmentBody, startTestServer, type TestServer } from '@yardarm/sync/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { YardarmOptions } from './options.ts';
import { SDK, YardarmProvider } from './provider.ts';

const KEY = 'ys_0123456789';
const one = ruleSetOf(1, {
  flags: { colour: flagBody({ value: 'red' }), other: flagBody({}), members: flagBody({ segment: 'beta' }) },
  segments: { beta: segmentBody({ include: 'user-1' }) },
});
const two = { ...one, revision: 2, flags: { ...one.flags, colour: flagBody({ value: 'green', revision: 2 }) } };
const killed = { ...one, revision: 3, flags: { ...one.flags, colour: flagBody({ on: false, revision: 3 }) } };

const servers: TestServer[] = [];
let domains = 0;

afterEach(async () => {
  await OpenFeature.clearProviders();
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function serve(ruleSet = one, port?: number): Promise<TestServer> {
  const server = await startTestServer({ ruleSet, key: KEY, ...(port !== undefined && { port }) });
  servers.push(server);
  return server;
}

/** A provider behind a real OpenFeature client of its own domain, with the events it caused. */
function register(url: string, options: Partial<YardarmOptions> = {}) {
  const domain = `test-${++domains}`;
  const provider = new YardarmProvider({ url, key: KEY, app: { name: 'shop', version: '1.2.3', commit: 'abc' }, ...options });
  const client = OpenFeature.getClient(domain);
  const events: [string, EventDetails?][] = [];
  for (const event of Object.values(ProviderEvents)) client.addHandler(event, (details) => void events.push([event, details]));
  const ready = OpenFeature.setProviderAndWait(domain, provider);
  const names = () => events.map(([name]) => name);
  return { provider, client, events, names, ready };
}
const soon = (assertion: () => void | Promise<void>) => vi.waitFor(assertion, { timeout: 20_000, interval: 5 });

async function silentServer(): Promise<string> {
  const server = createNetServer((connection) => void connection.unref());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('a provider and its server', () => {
  it('is READY once, with the first rule set, and answers from it', async () => {
    const server = await serve();
    const { client, ready, names } = register(server.url);
    await ready;
    expect(client.providerStatus).toBe(ProviderStatus.READY);
    expect(await client.getStringDetails('colour', 'none')).toMatchObject({
      value: 'red',
      variant: 'shown',
      reason: 'STATIC',
      flagMetadata: { flagSetId: 'shop/test', version: '1' },
    });
    await soon(() => expect(server.openSockets()).toBe(1));
    expect(names()).toEqual([ProviderEvents.Ready]);
  });

  it('sends the key in the Authorization header only, and says who it is', async () => {
    const server = await serve();
    await register(server.url).ready;
    await soon(() => expect(server.received).not.toHaveLength(0));
    for (const { path, headers } of server.requests) {
      expect(path).not.toContain(KEY);
      expect(headers.authorization).toBe(`Bearer ${KEY}`);
      expect(headers['sec-websocket-protocol'] ?? '').not.toContain(KEY);
    }
    expect(server.received[0]).toMatchObject({ type: 'hello', sdk: SDK, app: { name: 'shop', version: '1.2.3', commit: 'abc' } });
  });

  it('follows a change, names exactly the flags it concerns, and confirms it after the swap', async () => {
    const server = await serve();
    const { client, ready, events } = register(server.url);
    await ready;
    await soon(() => expect(server.received).not.toHaveLength(0));
    const seen: (string | undefined)[] = [];
    client.addHandler(
      ProviderEvents.ConfigurationChanged,
      async () => void seen.push(await client.getStringValue('colour', 'none')),
    );
    server.publish(two);
    await soon(() => expect(seen).toEqual(['green']));
    expect(events.at(-1)).toMatchObject([ProviderEvents.ConfigurationChanged, { flagsChanged: ['colour'] }]);
    await soon(() => expect(server.received.at(-1)).toMatchObject({ type: 'applied', revision: 2 }));
  });

  it('names the flags behind a changed segment, and sees the new members', async () => {
    const server = await serve();
    const { client, ready, events } = register(server.url);
    await ready;
    await soon(() => expect(server.openSockets()).toBe(1));
    server.publish({ ...one, revision: 2, segments: { beta: segmentBody({ include: 'user-2', revision: 2 }) } });
    await soon(() => expect(events.at(-1)).toMatchObject([ProviderEvents.ConfigurationChanged, { flagsChanged: ['members'] }]));
    expect(await client.getStringValue('members', 'none', { targetingKey: 'user-2' })).toBe('blue for members');
  });

  it('applies a kill, also one that it can only catch up with after a cut connection', async () => {
    const server = await serve();
    const { client, ready } = register(server.url);
    await ready;
    // Only whoever was welcomed confirms that: one that is cut off before has the rules over HTTP, and its next hello says so.
    server.publish(two);
    await soon(() => expect(server.received.at(-1)).toMatchObject({ type: 'applied', revision: 2 }));
    server.cut();
    server.publish(killed);
    await soon(async () =>
      expect(await client.getStringDetails('colour', 'none')).toMatchObject({ value: 'off', reason: 'DISABLED' }),
    );
    await soon(() => expect(server.received.at(-1)).toMatchObject({ revision: 3 }));
  });

  it('works over HTTP alone when websockets are refused', async () => {
    const server = await serve();
    server.refuseStream(403);
    const { client, ready } = register(server.url);
    await ready;
    expect(await client.getStringValue('colour', 'none')).toBe('red');
  });

  it('works over the websocket when the first request for the rule set fails', async () => {
    const server = await serve();
    server.failRuleSet((_, response) => {
      server.failRuleSet(null);
      response.writeHead(500).end();
    });
    const { client, ready } = register(server.url);
    await ready;
    expect(await client.getStringValue('colour', 'none')).toBe('red');
  });
});

describe('answers', () => {
  it('carry the code default and the reason when a flag has none for the question', async () => {
    const { client, ready } = register((await serve()).url);
    await ready;
    expect(await client.getStringDetails('nothing', 'mine')).toMatchObject({
      value: 'mine',
      reason: 'ERROR',
      errorCode: 'FLAG_NOT_FOUND',
    });
    expect(await client.getBooleanDetails('colour', true)).toMatchObject({ value: true, errorCode: 'TYPE_MISMATCH' });
    expect(await client.getNumberValue('colour', 7)).toBe(7);
    expect(await client.getObjectValue('colour', { a: 1 })).toEqual({ a: 1 });
    expect((await client.getStringDetails('__proto__', 'mine')).errorCode).toBe('FLAG_NOT_FOUND');
  });
});

describe('without a server', () => {
  it('initialising fails after its time, answers are code defaults, and READY follows the first rule set', async () => {
    const server = await serve();
    const port = Number(new URL(server.url).port);
    await server.stop();
    const { client, ready, names } = register(server.url, { initializeTimeoutMs: 150 });
    await expect(ready).rejects.toThrow(/^Yardarm: No rule set arrived in time: .*ECONNREFUSED/);
    expect(client.providerStatus).toBe(ProviderStatus.ERROR);
    expect(await client.getStringDetails('colour', 'mine')).toMatchObject({ value: 'mine', errorCode: 'PROVIDER_NOT_READY' });
    await serve(one, port);
    await soon(() => expect(client.providerStatus).toBe(ProviderStatus.READY));
    expect(names()).toEqual([ProviderEvents.Error, ProviderEvents.Ready]);
    expect(await client.getStringValue('colour', 'mine')).toBe('red');
  });

  it.each<[string, () => Promise<string>]>([
    ['a name that does not resolve', async () => 'http://yardarm.invalid'],
    ['a server that takes connections and says nothing', () => silentServer()],
  ])(
    '%s ends the wait after three seconds, the default, and every answer until then is the code default (row 19)',
    async (_, addressOf) => {
      const provider = new YardarmProvider({ url: await addressOf(), key: KEY });
      const order: string[] = [];
      // Timers beside it, which a busy machine delays as much.
      const timers = [2_900, 3_900].map((ms) => delay(ms).then(() => order.push(`${ms} ms`)));
      const initialized = expect(provider.initialize()).rejects.toThrow(/^Yardarm: No rule set arrived in time/);
      expect(provider.string('colour', 'mine')).toBe('mine');
      await initialized;
      order.push('rejected');
      await Promise.all(timers);
      expect(order).toEqual(['2900 ms', 'rejected', '3900 ms']);
      await provider.onClose();
    },
  );

  it('a refused key is told as such, and is no reason to give up', async () => {
    const server = await serve();
    const { client, ready } = register(server.url, { key: 'ys_9999999999', initializeTimeoutMs: 150 });
    await expect(ready).rejects.toThrow(/refused the SDK key \(401\)/);
    expect(client.providerStatus).toBe(ProviderStatus.ERROR);
    expect(server.requests.length).toBe(2);
  });

  it('a silent connection makes it STALE, and contact makes it READY again', async () => {
    const server = await serve();
    const { client, ready, names } = register(server.url);
    await ready;
    await soon(() => expect(server.received).not.toHaveLength(0));
    const { epoch, revision } = one;
    const state = { epoch, revision, digest: '0123456789abcdef' };
    server.failRuleSet(() => {});
    server.sendRaw(JSON.stringify({ type: 'welcome', format: 1, view: 'server', beatMs: 40, now: Date.now(), ...state }));
    await soon(() => expect(names()).toContain(ProviderEvents.Stale));
    expect(await client.getStringValue('colour', 'none')).toBe('red');
    await soon(() => expect(names()).toEqual([ProviderEvents.Ready, ProviderEvents.Stale, ProviderEvents.Ready]));
    expect(client.providerStatus).toBe(ProviderStatus.READY);
  });
});

describe('a server that misbehaves', () => {
  it('changes no answer with garbage, unknown messages, binary frames or a digest that does not fit', async () => {
    const server = await serve();
    const { client, ready } = register(server.url);
    await ready;
    await soon(() => expect(server.openSockets()).toBe(1));
    const put = [{ kind: 'flag', key: 'colour', body: flagBody({ value: 'evil', revision: 2 }) }];
    const delta = { type: 'delta', epoch: one.epoch, from: 1, to: 2, digest: '0123456789abcdef', kill: [], put, remove: [] };
    for (const text of ['', '[', '{"type":7}', '{"type":"hint"}', JSON.stringify(delta), 'x'.repeat(100_000)])
      server.sendRaw(text);
    server.publish(two);
    await soon(async () => expect(await client.getStringValue('colour', 'none')).toBe('green'));
  });

  it('cannot hand the key to another address by a redirect (I14)', async () => {
    const asked: string[] = [];
    const elsewhere = createServer((request, response) => {
      asked.push(request.headers.authorization ?? 'without key');
      response.end();
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const server = await serve();
    const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
    server.refuseStream(302, { Location: location });
    server.failRuleSet((_, response) => void response.writeHead(302, { Location: location }).end());
    await expect(register(server.url, { initializeTimeoutMs: 200 }).ready).rejects.toThrow(/302/);
    expect(asked).toEqual([]);
    await new Promise((resolve) => elsewhere.close(resolve));
  });

  it.each([
    [500, 'no gzip at all'],
    [304, ''],
    [200, 'no gzip at all'],
    [200, ''],
  ])('with status %i and a body that is not the gzip it says ends no process', async (status, body) => {
    const uncaught = vi.fn();
    process.on('uncaughtException', uncaught);
    const server = await serve();
    server.refuseStream(500);
    server.failRuleSet((_, response) => void response.writeHead(status, { 'Content-Encoding': 'gzip' }).end(body));
    await expect(register(server.url, { initializeTimeoutMs: 200 }).ready).rejects.toThrow(/No rule set arrived in time/);
    process.off('uncaughtException', uncaught);
    expect(uncaught).not.toHaveBeenCalled();
  });

  it('cannot send a frame larger than 4 MiB, only lose its connection', async () => {
    const server = await serve();
    const { client, ready } = register(server.url);
    await ready;
    await soon(() => expect(server.received).not.toHaveLength(0));
    server.sendRaw('x'.repeat(5 * 1024 * 1024));
    await soon(() => expect(server.received.filter(({ type }) => type === 'hello')).toHaveLength(2));
    expect(await client.getStringValue('colour', 'none')).toBe('red');
  });
});

describe('the host process', () => {
  /** Sockets that keep the event loop alive, the test servers' own ends left out. */
  const held = () => {
    const sockets = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    return sockets - servers.reduce((sum, server) => sum + server.openConnections(), 0);
  };

  it('is not kept alive by a connection, nor by a request that hangs', async () => {
    const server = await serve();
    await register(server.url).ready;
    await soon(() => expect(server.openSockets()).toBe(1));
    const hanging = await serve();
    hanging.failRuleSet(() => {});
    hanging.refuseStream(500);
    await expect(register(hanging.url, { initializeTimeoutMs: 100 }).ready).rejects.toThrow();
    expect(hanging.openConnections()).toBeGreaterThan(0);
    await soon(() => expect(held()).toBe(0));
  });

  it('has no connection left after onClose, and no attempt is made any more', async () => {
    const server = await serve();
    const { provider, ready } = register(server.url);
    await ready;
    await soon(() => expect(server.openSockets()).toBe(1));
    await provider.onClose();
    await soon(() => expect(server.openConnections()).toBe(0));
    const { length } = server.requests;
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(server.requests).toHaveLength(length);
    expect(await provider.resolveStringEvaluation('colour', 'mine', {})).toMatchObject({
      value: 'mine',
      errorCode: 'PROVIDER_NOT_READY',
    });
  });

  it('closing while it initialises settles the wait', async () => {
    const server = await serve();
    server.failRuleSet(() => {});
    server.refuseStream(500);
    const provider = new YardarmProvider({ url: server.url, key: KEY });
    const waiting = expect(provider.initialize()).rejects.toThrow(/was closed/);
    await provider.onClose();
    await waiting;
  });

  it('answers the code default, with an error code, for a flag key that is no text', async () => {
    const server = await serve();
    const provider = new YardarmProvider({ url: server.url, key: KEY });
    const hostile = {
      toString: () => {
        throw new Error('no text');
      },
    };
    const keys = [Symbol('colour'), hostile, null, undefined, 7n] as unknown as string[];
    for (const key of keys) expect((await provider.resolveStringEvaluation(key, 'none', {})).value).toBe('none');
    await provider.initialize();
    for (const key of keys) {
      expect(await provider.resolveStringEvaluation(key, 'none', {})).toMatchObject({
        value: 'none',
        errorCode: 'FLAG_NOT_FOUND',
      });
      expect(provider.string(key, 'none')).toBe('none');
    }
    await provider.onClose();
    expect(server.batches[0]?.lost).toBe(10);
  });

  it('is told about bad options at construction, in a sentence', () => {
    expect(() => new YardarmProvider({ url: 'localhost', key: KEY })).toThrow(/Option 'url' must be the http\(s\) address/);
  });
});

it('calls itself by the name and version of its package', () => {
  const { name, version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  expect(SDK).toBe(`${name}/${version}`);
});
