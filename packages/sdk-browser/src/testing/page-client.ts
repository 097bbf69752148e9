/** A provider behind the real OpenFeature client of a domain of its own, against a real server on loopback. */
import { randomUUID } from 'node:crypto';
import { type EvaluationContext, type EventDetails, OpenFeature, ProviderEvents } from '@openfeature/web-sdk';
import type { RuleSet } from '@yardarm/evaluator';
import { startTestServer, type TestServer, WebSocket } from '@yardarm/sync/testing';
import { afterEach, beforeEach, vi } from 'vitest';
import type { YardarmWebOptions } from '../options.ts';
import { YardarmWebProvider } from '../provider.ts';

export const KEY = 'yc_0123456789';

/** To be called in the module of the test: everything ends, and every global is as it was, after each test. */
export function usePages() {
  const servers: TestServer[] = [];

  // Node 20 has no WebSocket of its own; the one of `ws` has the interface of the browser's.
  beforeEach(() => void vi.stubGlobal('WebSocket', WebSocket));
  afterEach(async () => {
    vi.useRealTimers();
    OpenFeature.clearHandlers();
    OpenFeature.clearHooks();
    // In this order: setting a context makes OpenFeature call its own empty provider ready.
    await OpenFeature.clearContexts();
    await OpenFeature.clearProviders();
    await Promise.all(servers.splice(0).map((server) => server.stop()));
    vi.unstubAllGlobals();
  });

  async function serve(ruleSet: RuleSet, { port = 0, key = KEY } = {}): Promise<TestServer> {
    const server = await startTestServer({ ruleSet, key, port });
    servers.push(server);
    return server;
  }

  /** The client, and the events it heard, from before the provider was set. */
  async function register(url: string, options: Partial<YardarmWebOptions> = {}, context: EvaluationContext = {}) {
    const domain = randomUUID();
    await OpenFeature.setContext(domain, context);
    const provider = new YardarmWebProvider({ url, key: KEY, app: { name: 'shop page' }, ...options });
    const client = OpenFeature.getClient(domain);
    const events: [string, EventDetails?][] = [];
    for (const event of Object.values(ProviderEvents)) {
      client.addHandler(event, (details) => void events.push([event, details]));
    }
    const ready = OpenFeature.setProviderAndWait(domain, provider);
    return { domain, provider, client, events, ready, names: () => events.map(([name]) => name) };
  }

  return { serve, register };
}

export const soon = (assertion: () => void | Promise<void>) => vi.waitFor(assertion, { timeout: 20_000, interval: 5 });
