import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { OpenFeature, ProviderEvents, ProviderStatus } from '@openfeature/server-sdk';
import { applyKills, loadRuleSet } from '@yardarm/sync';
import { flagBody, ruleSetOf, startTestServer, type TestServer, unreadableFlag } from '@yardarm/sync/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { YardarmOptions } from './options.ts';
import { YardarmProvider } from './provider.ts';
import { snapshotsIn } from './snapshot-file.ts';

const KEY = 'ys_0123456789';
const NOWHERE = 'http://127.0.0.1:1';
const one = ruleSetOf(1, { flags: { colour: flagBody({ value: 'red' }) } });
const two = ruleSetOf(2, { flags: { colour: flagBody({ value: 'green', revision: 2 }) } });

const cycle: { self?: unknown } = {};
cycle.self = cycle;

const servers: TestServer[] = [];
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'yardarm-options-'));
});
afterEach(async () => {
  await OpenFeature.clearProviders();
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  await rm(folder, { recursive: true });
  vi.restoreAllMocks();
});

async function start(options: Partial<YardarmOptions>) {
  const provider = new YardarmProvider({ url: NOWHERE, key: KEY, ...options });
  await OpenFeature.setProviderAndWait(provider);
  return { provider, client: OpenFeature.getClient() };
}

async function fileOf(text: string): Promise<string> {
  const file = path.join(folder, 'overrides.json');
  await writeFile(file, text);
  return file;
}

describe('bad options throw one sentence that names the option', () => {
  it.each([
    ['snapshotFile', { snapshotFile: '' }, /'snapshotFile' must be the path/],
    ['bootstrap', { bootstrap: 'flags' }, /'bootstrap' must be a rule set as the server answers it: /],
    ['bootstrap', { bootstrap: null }, /'bootstrap' must be a rule set/],
    ['overrides', { overrides: ['a'] }, /'overrides' must hold an object of flag keys and values/],
    ['overrides', { overrides: { a: [1] } }, /'overrides' has for flag 'a' what no flag can answer/],
    ['overrides', { overrides: { a: Number.NaN } }, /'overrides' has for flag 'a'/],
    ['overrides', { overrides: { a: cycle } }, /'overrides' has for flag 'a' what no flag can answer/],
    ['overrides', { overrides: { a: { big: 1n } } }, /'overrides' has for flag 'a'/],
    ['overrides', { overrides: { a: { toJSON: () => undefined } } }, /'overrides' has for flag 'a'/],
    ['bootstrap', { bootstrap: { format: 1n } }, /'bootstrap' must be a rule set as the server answers it: .*BigInt/],
    ['overridesFile', { overridesFile: 7 }, /'overridesFile' must be the path/],
    [
      'overridesFile',
      { overridesFile: '/nowhere/at/all.json' },
      /'overridesFile' names '\/nowhere\/at\/all.json', which cannot be read: ENOENT/,
    ],
    ['onTrack', { onTrack: 'console' }, /'onTrack' must be a function/],
  ])('%s', (_, options, sentence) => {
    const construct = () => new YardarmProvider({ url: NOWHERE, key: KEY, ...(options as Partial<YardarmOptions>) });
    expect(construct).toThrow(sentence);
    expect(construct).toThrow(TypeError);
  });

  it('overridesFile, of a file that is no JSON', async () => {
    const overridesFile = await fileOf('{');
    expect(() => new YardarmProvider({ url: NOWHERE, key: KEY, overridesFile })).toThrow(/'overridesFile' names .* JSON/);
  });
});

describe('bootstrap', () => {
  it.each([
    ['parsed', one],
    ['text', JSON.stringify(one)],
  ])('answers while there is no server, and says for how long: %s', async (_, bootstrap) => {
    const { client } = await start({ bootstrap });
    expect(await client.getStringDetails('colour', 'none')).toMatchObject({ value: 'red', flagMetadata: { version: '1' } });
    await vi.waitFor(() => expect(client.providerStatus).toBe(ProviderStatus.STALE), { timeout: 20_000, interval: 5 });
    expect((await client.getStringDetails('colour', 'none')).flagMetadata.staleForMs).toBeGreaterThanOrEqual(0);
  });

  it('gives way to what the server has', async () => {
    const server = await startTestServer({ ruleSet: two, key: KEY });
    servers.push(server);
    const { client } = await start({ url: server.url, bootstrap: one });
    await vi.waitFor(async () => expect(await client.getStringValue('colour', 'none')).toBe('green'), {
      timeout: 20_000,
      interval: 5,
    });
    expect((await client.getStringDetails('colour', 'none')).flagMetadata).not.toHaveProperty('staleForMs');
  });

  it('of another environment gives way to the key’s own, however new it is, and nobody is told that it is held', async () => {
    const snapshotFile = path.join(folder, 'snapshot');
    const server = await startTestServer({ ruleSet: two, key: KEY });
    servers.push(server);
    const bootstrap = { ...one, environment: 'production', epoch: '9999999999999-z', revision: 900 };
    await start({ bootstrap, snapshotFile });
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(existsSync(snapshotFile)).toBe(false);
    const { client } = await start({ url: server.url, bootstrap });
    await vi.waitFor(async () => expect(await client.getStringValue('colour', 'none')).toBe('green'), {
      timeout: 20_000,
      interval: 5,
    });
    expect(client.providerStatus).toBe(ProviderStatus.READY);
    await expect.poll(() => server.received.at(-1)).toMatchObject({ type: 'applied', revision: 2 });
    expect(server.received[0]).not.toHaveProperty('have');
    for (const { path } of server.requests) expect(path).not.toMatch(/have=(?!1000-a\.2$)/);
  });

  it('and a snapshot: the newer of both is used, where they are of one epoch, and else the snapshot', async () => {
    const snapshotFile = path.join(folder, 'snapshot');
    const server = await startTestServer({ ruleSet: two, key: KEY });
    servers.push(server);
    await start({ url: server.url, snapshotFile });
    await vi.waitFor(async () => expect(existsSync(snapshotFile)).toBe(true), {
      timeout: 20_000,
      interval: 5,
    });
    await server.stop();
    servers.pop();
    expect((await start({ snapshotFile, bootstrap: one })).provider.string('colour', 'none')).toBe('green');
    expect((await start({ snapshotFile, bootstrap: { ...two, revision: 3 } })).provider.string('colour', 'none')).toBe('green');
    const foreign = { ...two, epoch: '9999999999999-z', revision: 900, flags: one.flags };
    expect((await start({ snapshotFile, bootstrap: foreign })).provider.string('colour', 'none')).toBe('green');
    const four = ruleSetOf(4, { flags: { colour: flagBody({ value: 'blue', revision: 4 }) } });
    expect((await start({ snapshotFile, bootstrap: four })).provider.string('colour', 'none')).toBe('blue');
  });
});

it('a newer bootstrap follows on the snapshot: newer kills and last good bodies of that count', async () => {
  const snapshotFile = path.join(folder, 'snapshot');
  const flags = { colour: flagBody({ value: 'red' }), shape: flagBody({ value: 'green' }) };
  const held = loadRuleSet(ruleSetOf(10, { flags }), null).store;
  const file = snapshotsIn(snapshotFile, KEY);
  file.save(applyKills(held, held.state.epoch, [{ key: 'colour', offVariant: 'off', revision: 15 }]).store);
  await file.flush();
  const bootstrap = ruleSetOf(12, { flags: { ...flags, shape: unreadableFlag({ revision: 12 }) } });
  const { provider } = await start({ snapshotFile, bootstrap });
  expect([provider.string('colour', 'none'), provider.string('shape', 'none')]).toEqual(['off', 'green']);
});

describe('overrides', () => {
  it('answer in the place of the rules, of the type they have, and say that they do', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const overridesFile = await fileOf('{ "colour": "from file", "limit": 7 }');
    const { client, provider } = await start({
      bootstrap: one,
      overridesFile,
      overrides: { colour: 'mine', layout: { columns: 2 } },
    });
    expect(await client.getStringDetails('colour', 'none')).toMatchObject({
      value: 'mine',
      reason: 'OVERRIDE',
      flagMetadata: { overridden: true },
    });
    expect(provider.number('limit', 0)).toBe(7);
    expect(provider.object('layout', {})).toEqual({ columns: 2 });
    expect(Object.isFrozen(provider.object('layout', {}))).toBe(true);
    expect(await client.getNumberDetails('colour', 1)).toMatchObject({ value: 1, errorCode: 'TYPE_MISMATCH' });
    expect(warned.mock.calls).toEqual([
      [expect.stringMatching(/overrides .*: colour, layout, limit\. Not for production\.$/), 'Yardarm'],
    ]);
  });

  it('answer without any rule set', () => {
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    expect(new YardarmProvider({ url: NOWHERE, key: KEY, overrides: { colour: 'mine' } }).string('colour', 'none')).toBe('mine');
  });

  it('that are empty are none', () => {
    const warned = vi.spyOn(process, 'emitWarning');
    new YardarmProvider({ url: NOWHERE, key: KEY, overrides: {} });
    expect(warned).not.toHaveBeenCalled();
  });
});

describe('tracking', () => {
  it('is handed to the application, with the whole context, and what it throws harms nobody', async () => {
    const tracked: unknown[] = [];
    const { client } = await start({
      bootstrap: one,
      onTrack: (...occurrence) => {
        tracked.push(occurrence);
        throw new Error('full');
      },
    });
    OpenFeature.setContext({ region: 'north' });
    client.track('order placed', { targetingKey: 'user-1' }, { value: 99 });
    OpenFeature.setContext({});
    expect(tracked).toEqual([['order placed', { region: 'north', targetingKey: 'user-1' }, { value: 99 }]]);
  });
});

it('the synchronous API answers each type, and the code default for another one', async () => {
  const bodies = {
    flag: { ...flagBody({}), type: 'boolean' as const, variants: { shown: true }, offVariant: null },
    size: { ...flagBody({}), type: 'number' as const, variants: { shown: 3 }, offVariant: null },
    card: { ...flagBody({}), type: 'object' as const, variants: { shown: { title: 'Hello' } }, offVariant: null },
  };
  const { provider } = await start({ bootstrap: ruleSetOf(1, { flags: { ...one.flags, ...bodies } }) });
  expect(provider.boolean('flag', false)).toBe(true);
  expect(provider.string('colour', 'none', { targetingKey: 'user-1' })).toBe('red');
  expect(provider.number('size', 1)).toBe(3);
  expect(provider.object('card', { title: 'None' })).toEqual({ title: 'Hello' });
  expect(provider.boolean('colour', true)).toBe(true);
  expect(provider.string('nothing', 'mine')).toBe('mine');
  const hostile = new Proxy(
    {},
    {
      get: () => {
        throw new Error('mine');
      },
    },
  );
  expect(provider.string('colour', 'mine', hostile)).toBe('red');
  expect(provider.string(undefined as unknown as string, 'mine', undefined)).toBe('mine');
});

it('the events of a start from a bootstrap are READY, then STALE', async () => {
  const events: string[] = [];
  const client = OpenFeature.getClient();
  for (const event of Object.values(ProviderEvents)) client.addHandler(event, () => void events.push(event));
  await start({ bootstrap: one });
  await vi.waitFor(() => expect(events).toEqual([ProviderEvents.Ready, ProviderEvents.Stale]), { timeout: 20_000, interval: 5 });
});
