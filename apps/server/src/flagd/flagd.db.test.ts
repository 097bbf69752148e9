/** What flagd reads, over HTTP and gRPC; the latter by the official provider for Node.js, in-process and as it is published. */
import { credentials, Metadata, makeGenericClientConstructor, status } from '@grpc/grpc-js';
import { FlagdProvider } from '@openfeature/flagd-provider';
import { type Client, OpenFeature, ProviderEvents } from '@openfeature/server-sdk';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { type Replica, startReplica, startTestServer, type TestServer } from '../testing/delivery-server.ts';
import { flagSyncService, type SyncResponse } from './sync-service.ts';

const ADA = { targetingKey: 'ada', plan: 'gold' };
const when = (op: string, value: string) => ({ attribute: 'plan', op, values: [value] });

let server: TestServer;
let replica: Replica;
let port: number;
beforeAll(async () => {
  server = await startTestServer();
  await server.createFlag('checkout');
  await configure('checkout', { rules: [{ id: 'gold', when: when('equals', 'gold'), serve: { variant: 'on' } }] });
  await server.createFlag('pattern');
  await configure('pattern', { rules: [{ id: 'gold', when: when('matches', '^go'), serve: { variant: 'on' } }] });
  replica = await startFlagd(0);
  port = replica.delivery.flagdPort() ?? 0;
});
afterAll(async () => {
  await OpenFeature.close();
  await replica.close();
  await server.close();
});

async function configure(flag: string, change: object): Promise<void> {
  await server.api('PATCH', `/projects/shop/flags/${flag}/environments/production`, change, { 'if-match': '"v1"' });
  await server.unkill(flag);
}

function startFlagd(onPort: number): Promise<Replica> {
  const flagd = { host: '127.0.0.1', port: onPort, project: 'shop', environment: 'production', tls: null };
  return startReplica(server.database, { flagd });
}

const get = (path: string, secret: string | null, headers: Record<string, string> = {}) =>
  fetch(`${replica.url}/flagd/v1/${path}`, {
    headers: { ...(secret !== null && { authorization: `Bearer ${secret}` }), ...headers },
  });

describe('over HTTP', () => {
  test('a server key gets the flags that flagd decides as Yardarm does, each with a version and the set with none', async () => {
    const response = await get('flags.json', server.serverKey.secret);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const definition = (await response.json()) as { flags: Record<string, unknown> };
    expect(Object.keys(definition).sort()).toEqual(['$schema', 'flags']);
    expect(definition.flags).toEqual({
      checkout: expect.objectContaining({
        state: 'ENABLED',
        variants: { on: true, off: false },
        metadata: { kind: 'operational', version: expect.any(Number) },
      }),
    });
    const obstacles = await (await get('obstacles', server.serverKey.secret)).json();
    expect(obstacles).toEqual({ obstacles: { pattern: [{ code: 'operator', path: '/flags/pattern/rules/0/when/op' }] } });
    // People are told the same.
    const report = await server.api('GET', '/projects/shop/environments/production/portability');
    expect(report).toEqual({ environment: 'production', revision: expect.any(Number), ...(obstacles as object) });
  });

  test('as YAML where that is asked for, and 304 to who has it', async () => {
    const { secret } = server.serverKey;
    const json = await get('flags.json', secret, { accept: 'application/json;q=0.5, */*;q=0.1' });
    const yaml = await get('flags.json', secret, { accept: 'application/yaml, application/json;q=0.9' });
    expect(yaml.headers.get('content-type')).toBe('application/yaml; charset=utf-8');
    expect(parse(await yaml.text())).toEqual(await json.json());
    const etags = [json, yaml].map(({ headers }) => headers.get('etag') as string);
    expect(etags[0]).not.toBe(etags[1]);
    for (const etag of etags) {
      const accept = etag === etags[1] ? 'application/yaml' : 'application/json';
      expect((await get('flags.json', secret, { accept, 'if-none-match': etag })).status).toBe(304);
    }
  });

  test('a client key is refused, and so is none', async () => {
    expect((await get('flags.json', server.clientKey.secret)).status).toBe(403);
    expect((await get('flags.json', null)).status).toBe(401);
    expect((await get('obstacles', 'ys_unknown')).status).toBe(401);
  });
});

describe('over gRPC', () => {
  async function connect(domain: string, more: object = {}): Promise<Client> {
    const provider = new FlagdProvider({
      resolverType: 'in-process',
      host: '127.0.0.1',
      port,
      retryBackoffMaxMs: 100,
      deadlineMs: 5_000,
      ...more,
    });
    await OpenFeature.setProviderAndWait(domain, provider);
    return OpenFeature.getClient(domain);
  }
  const checkout = (client: Client) => client.getBooleanValue('checkout', false, ADA);

  test('the official provider is ready with every portable flag, and follows a kill', async () => {
    const client = await connect('follows');
    expect(await client.getBooleanDetails('checkout', false, ADA)).toMatchObject({ value: true, variant: 'on' });
    expect(await client.getBooleanDetails('pattern', false, ADA)).toMatchObject({ errorCode: 'FLAG_NOT_FOUND' });
    const changed = new Promise<readonly string[] | undefined>((resolve) => {
      client.addHandler(ProviderEvents.ConfigurationChanged, (details) => resolve(details?.flagsChanged));
    });
    await server.kill('checkout');
    expect(await changed).toEqual(['checkout']);
    expect(await checkout(client)).toBe(false);
    await server.unkill('checkout');
    await expect.poll(() => checkout(client)).toBe(true);
  });

  test('a stream that is opened again has the whole state at once', async () => {
    const client = await connect('re-opens', { streamDeadlineMs: 200 });
    let readied = 0;
    client.addHandler(ProviderEvents.Stale, () => undefined);
    client.addHandler(ProviderEvents.Ready, () => {
      readied++;
    });
    await vi.waitFor(() => expect(readied).toBeGreaterThan(2), { timeout: 10_000 });
    await server.kill('checkout');
    await vi.waitFor(async () => expect(await checkout(client)).toBe(false), { timeout: 10_000 });
    await server.unkill('checkout');
    await vi.waitFor(async () => expect(await checkout(client)).toBe(true), { timeout: 10_000 });
    await OpenFeature.setProviderAndWait('re-opens', new FlagdProvider({ resolverType: 'in-process', port, host: '127.0.0.1' }));
  });

  test('a restart of the server is survived: answers go on, and what changed meanwhile arrives', async () => {
    const client = await connect('survives');
    await replica.close();
    expect(await checkout(client)).toBe(true);
    await server.kill('checkout');
    replica = await startFlagd(port);
    await vi.waitFor(async () => expect(await checkout(client)).toBe(false), { timeout: 15_000 });
    await server.unkill('checkout');
    await vi.waitFor(async () => expect(await checkout(client)).toBe(true), { timeout: 15_000 });
  });

  test('a caller with a key gets the environment of that key, and only a server key is one', async () => {
    await server.api('POST', '/projects/shop/environments', { key: 'staging', name: 'Staging' });
    const staging = await server.makeKey('server', '/projects/shop/environments/staging');
    await replica.delivery.poll();
    expect(await fetchAll(staging.secret)).toMatchObject({ flags: { checkout: { defaultVariant: 'off' } } });
    expect(await fetchAll(null)).toMatchObject({ flags: { checkout: { targeting: expect.anything() } } });
    expect(await fetchAll(server.clientKey.secret)).toBe(status.PERMISSION_DENIED);
    expect(await fetchAll('ys_unknown')).toBe(status.UNAUTHENTICATED);
    expect(await fetchAll(null, 'production')).toMatchObject({ flags: expect.anything() });
    expect(await fetchAll(null, 'shop/production')).toMatchObject({ flags: expect.anything() });
    expect(await fetchAll(null, 'staging')).toBe(status.NOT_FOUND);
  });

  /** What a caller gets, or the status of its refusal. */
  function fetchAll(secret: string | null, selector = ''): Promise<unknown> {
    const Service = makeGenericClientConstructor(flagSyncService(), 'FlagSyncService');
    const client = new Service(`127.0.0.1:${port}`, credentials.createInsecure());
    const metadata = new Metadata();
    if (secret !== null) metadata.set('authorization', `Bearer ${secret}`);
    return new Promise((resolve) => {
      const { FetchAllFlags: fetchAllFlags } = client as unknown as {
        FetchAllFlags: (
          request: object,
          metadata: Metadata,
          done: (error: { code: status } | null, answer: SyncResponse) => void,
        ) => void;
      };
      fetchAllFlags.call(client, { selector }, metadata, (error, answer) => {
        client.close();
        resolve(error === null ? JSON.parse(answer.flagConfiguration) : error.code);
      });
    });
  }
});
