/** A provider behind the real OpenFeature client of a domain of its own, against a real server on loopback. */
import { randomUUID } from 'node:crypto';
import { type EventDetails, OpenFeature, ProviderEvents } from '@openfeature/server-sdk';
import type { RuleSet } from '@yardarm/evaluator';
import { startTestServer, type TestServer } from '@yardarm/sync/testing';
import { afterEach, vi } from 'vitest';
import type { YardarmOptions } from '../options.ts';
import { YardarmProvider } from '../provider.ts';

const KEY = 'ys_0123456789';

/** To be called in the module of the test: everything ends, and every global is as it was, after each test. */
export function useHosts() {
  const servers: TestServer[] = [];

  afterEach(async () => {
    vi.restoreAllMocks();
    OpenFeature.clearHandlers();
    OpenFeature.clearHooks();
    OpenFeature.setContext({});
    await OpenFeature.clearProviders();
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });

  async function serve(ruleSet: RuleSet, port = 0): Promise<TestServer> {
    const server = await startTestServer({ ruleSet, key: KEY, port });
    servers.push(server);
    return server;
  }

  /** The client, and the events it heard, from before the provider was set. */
  function register(url: string, options: Partial<YardarmOptions> = {}) {
    const domain = randomUUID();
    const provider = new YardarmProvider({ url, key: KEY, app: { name: 'shop' }, ...options });
    const client = OpenFeature.getClient(domain);
    const events: [string, EventDetails?][] = [];
    for (const event of Object.values(ProviderEvents)) {
      client.addHandler(event, (details) => void events.push([event, details]));
    }
    const ready = OpenFeature.setProviderAndWait(domain, provider);
    return { domain, provider, client, events, ready, names: () => events.map(([name]) => name) };
  }

  /** From here on nothing gets through, and what is open goes silent: STALE within a tenth of a second. */
  function breakOff(server: TestServer, ruleSet: RuleSet): void {
    server.failRuleSet((request) => void request.destroy());
    server.refuseStream(503);
    const state = { epoch: ruleSet.epoch, revision: ruleSet.revision, digest: '0123456789abcdef' };
    server.sendRaw(JSON.stringify({ type: 'welcome', format: 1, view: 'server', beatMs: 40, now: Date.now(), ...state }));
  }

  function repair(server: TestServer): void {
    server.failRuleSet(null);
    server.refuseStream(null);
  }

  return { serve, register, breakOff, repair };
}

export const soon = (assertion: () => void | Promise<void>) => vi.waitFor(assertion, { timeout: 20_000, interval: 5 });
