import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { OpenFeature, ProviderEvents, ProviderStatus } from '@openfeature/server-sdk';
import { loadRuleSet } from '@yardarm/sync';
import { flagBody, ruleSetOf, startTestServer, type TestServer } from '@yardarm/sync/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { YardarmProvider } from './provider.ts';
import { snapshotsIn } from './snapshot-file.ts';

const KEY = 'ys_0123456789';
const one = ruleSetOf(1, { flags: { colour: flagBody({ value: 'red' }) } });
const two = ruleSetOf(2, { flags: { colour: flagBody({ value: 'green', revision: 2 }) } });
const killed = ruleSetOf(3, { flags: { colour: flagBody({ value: 'green', on: false, revision: 3 }) } });

let folder: string;
let snapshotFile: string;
let domains = 0;
const servers: TestServer[] = [];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'yardarm-snapshot-'));
  snapshotFile = path.join(folder, 'rules.snapshot');
});
afterEach(async () => {
  vi.useRealTimers();
  await OpenFeature.clearProviders();
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  await rm(folder, { recursive: true, force: true });
});

async function serve(ruleSet = one, port?: number): Promise<TestServer> {
  const server = await startTestServer({ ruleSet, key: KEY, ...(port !== undefined && { port }) });
  servers.push(server);
  return server;
}
function register(url: string, options: { key?: string; snapshotFile?: string; initializeTimeoutMs?: number } = {}) {
  const domain = `snapshot-${++domains}`;
  const client = OpenFeature.getClient(domain);
  const events: string[] = [];
  for (const event of Object.values(ProviderEvents)) client.addHandler(event, () => void events.push(event));
  const provider = new YardarmProvider({ url, key: KEY, initializeTimeoutMs: 300, snapshotFile, ...options });
  return { client, events, ready: OpenFeature.setProviderAndWait(domain, provider) };
}
const soon = (assertion: () => void | Promise<void>) => vi.waitFor(assertion, { timeout: 20_000, interval: 5 });

/** A run with a server, ended once what it held is on the disk. */
async function keep(ruleSet = one): Promise<string> {
  const server = await serve(ruleSet);
  await register(server.url, { initializeTimeoutMs: 10_000 }).ready;
  await soon(() => expect(existsSync(snapshotFile)).toBe(true));
  await OpenFeature.clearProviders();
  await server.stop();
  return server.url;
}

describe('a start without a server', () => {
  it('answers from the last run at once, is STALE, and READY with the newest when the server is back', async () => {
    const url = await keep();
    const { client, events, ready } = register(url);
    await ready;
    expect(await client.getStringValue('colour', 'none')).toBe('red');
    await soon(() => expect(client.providerStatus).toBe(ProviderStatus.STALE));
    await serve(two, Number(new URL(url).port));
    await soon(async () => expect(await client.getStringValue('colour', 'none')).toBe('green'));
    await soon(() => expect(client.providerStatus).toBe(ProviderStatus.READY));
    expect(events.slice(0, 2)).toEqual([ProviderEvents.Ready, ProviderEvents.Stale]);
  });

  it('goes on with a kill', async () => {
    const { client, ready } = register(await keep(killed));
    await ready;
    expect(await client.getStringValue('colour', 'none')).toBe('off');
  });

  it.each<[string, (file: string) => string]>([
    ['cut', (file) => file.slice(0, -70)],
    ['changed by a bit', (file) => file.replace('red', 'rad')],
    ['empty', () => ''],
    ['something else', () => '{"format":1}'],
  ])('has nothing to go by when the file is %s', async (_title, change) => {
    const url = await keep();
    await writeFile(snapshotFile, change(await readFile(snapshotFile, 'utf8')));
    const { client, ready } = register(url);
    await expect(ready).rejects.toThrow('No rule set arrived in time');
    expect(await client.getStringValue('colour', 'none')).toBe('none');
  });

  it('takes nothing that was kept for another key', async () => {
    const { ready } = register(await keep(), { key: 'ys_another-key' });
    await expect(ready).rejects.toThrow('No rule set arrived in time');
  });
});

describe('a start with a server', () => {
  it('has the newest, without being STALE on the way', async () => {
    const url = await keep();
    await serve(two, Number(new URL(url).port));
    // Time stands still until the server has answered, however long a busy machine takes for that.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const { client, events, ready } = register(url);
    await ready;
    expect(await client.getStringValue('colour', 'none')).toBe('green');
    // What was announced for a next turn, and what 50 ms without a word would have led to.
    vi.advanceTimersByTime(100);
    expect(events).not.toContain(ProviderEvents.Stale);
    expect(client.providerStatus).toBe(ProviderStatus.READY);
  });

  it('keeps every change, in a file for its owner alone, and leaves no other behind', async () => {
    const server = await serve();
    await register(server.url).ready;
    server.publish(two);
    await soon(async () => expect(await readFile(snapshotFile, 'utf8')).toContain('green'));
    expect(await readdir(folder)).toEqual(['rules.snapshot']);
    expect(await readFile(snapshotFile, 'utf8')).not.toContain(KEY);
  });

  it('has kept the newest when it is closed, however short its life was', async () => {
    const url = await keep();
    await serve(two, Number(new URL(url).port));
    const { client, ready } = register(url, { initializeTimeoutMs: 10_000 });
    await ready;
    await soon(async () => expect(await client.getStringValue('colour', 'none')).toBe('green'));
    await OpenFeature.clearProviders();
    expect(await readFile(snapshotFile, 'utf8')).toContain('green');
  });

  it('keeps the newest at once, although it was started with an older one', async () => {
    await keep();
    // A pause between two files would have no end.
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    const snapshots = snapshotsIn(snapshotFile, KEY);
    snapshots.save(snapshots.load()!);
    snapshots.save(loadRuleSet(two, null).store);
    // Not by `soon`, which moves such a clock on.
    while (!(await readFile(snapshotFile, 'utf8')).includes('green')) await new Promise(setImmediate);
  });

  it('removes what runs that were killed left half written, and nothing that may still be written', async () => {
    const [abandoned, current, other] = ['rules.snapshot.a.tmp', 'rules.snapshot.b.tmp', 'other.a.tmp'].map((name) =>
      path.join(folder, name),
    );
    for (const file of [abandoned, current, other]) await writeFile(file!, 'half');
    for (const file of [abandoned, other]) await utimes(file!, 1, 1);
    await register((await serve()).url).ready;
    await soon(() => expect([existsSync(abandoned!), existsSync(snapshotFile)]).toEqual([false, true]));
    expect([existsSync(current!), existsSync(other!)]).toEqual([true, true]);
  });

  it('does without a file that cannot be written', async () => {
    const server = await serve();
    const { client, ready } = register(server.url, { snapshotFile: path.join(folder, 'no', 'such', 'folder') });
    await ready;
    expect(await client.getStringValue('colour', 'none')).toBe('red');
  });
});

it('the option must be a path', () => {
  expect(() => new YardarmProvider({ url: 'http://localhost:1', key: KEY, snapshotFile: '' })).toThrow(
    "Yardarm: Option 'snapshotFile' must be the path of a file.",
  );
});
