/** The shop's routes: its page, what its server knows (once or as a stream), and a search that a flag configures. */
import fastifyStatic from '@fastify/static';
import type { Client, EvaluationContext } from '@openfeature/server-sdk';
import Fastify, { type FastifyInstance } from 'fastify';
import { searchCatalogue, toSearchConfig } from './catalogue.ts';
import { SEARCH_DEFAULTS } from './flags.ts';
import type { LiveState } from './live-state.ts';

/** Shorter than the idle time-outs of common proxies. */
const KEEP_ALIVE_MS = 20_000;

/** In a real shop this comes from the session; here the page's own switch says who is looking. */
interface VisitorQuery {
  readonly targetingKey?: string;
  readonly email?: string;
}

export interface ShopDependencies {
  readonly client: Client;
  readonly live: LiveState;
  /** Where the page finds Yardarm, and as whom. */
  readonly page: { readonly yardarmUrl: string; readonly clientKey: string };
  /** Folder of the built page. */
  readonly pageFolder: string;
}

export async function createShop({ client, live, page, pageFolder }: ShopDependencies): Promise<FastifyInstance> {
  const app = Fastify({ forceCloseConnections: true });
  const policy = contentSecurityPolicy(page.yardarmUrl);

  app.get('/api/config', () => page);

  app.get<{ Querystring: VisitorQuery }>('/api/state', ({ query }) => live.stateFor(toContext(query)));

  app.get<{ Querystring: VisitorQuery }>('/api/live', async ({ query }, reply) => {
    const visitor = toContext(query);
    reply.hijack();
    const stream = reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    const send = (state: unknown) => stream.write(`data: ${JSON.stringify(state)}\n\n`);
    // Watch before the first state: a change in between is then sent twice rather than not at all.
    const stop = live.watch(visitor, send);
    const keepAlive = setInterval(() => stream.write(':\n\n'), KEEP_ALIVE_MS);
    stream.once('close', () => {
      clearInterval(keepAlive);
      stop();
    });
    send(await live.stateFor(visitor));
  });

  app.get<{ Querystring: VisitorQuery & { q?: string } }>('/api/search', async ({ query }) => {
    const config = toSearchConfig(await client.getObjectValue('search-config', SEARCH_DEFAULTS, toContext(query)));
    return { config, products: searchCatalogue(query.q ?? '', config) };
  });

  await app.register(fastifyStatic, {
    root: pageFolder,
    setHeaders: (reply) => reply.header('content-security-policy', policy),
  });
  return app;
}

function toContext({ targetingKey = 'anybody', email }: VisitorQuery): EvaluationContext {
  return { targetingKey, ...(email ? { email } : {}) };
}

function contentSecurityPolicy(yardarmUrl: string): string {
  const { origin } = new URL(yardarmUrl);
  return `default-src 'self'; connect-src 'self' ${origin} ${origin.replace(/^http/, 'ws')}; img-src 'self' data:`;
}
