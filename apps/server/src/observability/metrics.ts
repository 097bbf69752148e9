/** `/metrics` in the format of Prometheus: the process, the sockets of SDKs, and how long HTTP answers take. */
import { timingSafeEqual } from 'node:crypto';
import { collectDefaultMetrics, Gauge, Histogram, type Metric, Registry } from 'prom-client';
import { hashSecret } from '../auth/secrets.ts';
import { AppError } from '../errors.ts';
import type { App } from '../http/app-type.ts';

/** From an answer out of memory to the 15 s that a kill may take. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15];

export interface MetricsOptions {
  /** What a scraper sends as bearer token; null: there is no such page. */
  readonly token: string | null;
  /** Open sockets of SDKs. */
  readonly sockets: () => number;
  /** Of other parts of the server, made without a registry. */
  readonly others: readonly Metric[];
}

/** Register it before the routes that it is to measure. */
export function registerMetrics(app: App, { token, sockets, others }: MetricsOptions): void {
  if (token === null) {
    // Named, so that the admin UI's catch-all does not answer a scraper with a page.
    app.get('/metrics', { config: { policy: 'public' }, schema: { hide: true } }, (_request, reply) => reply.callNotFound());
    return;
  }
  const register = new Registry();
  collectDefaultMetrics({ register });
  const registers = [register];
  const durations = new Histogram({
    name: 'yardarm_http_request_duration_seconds',
    help: 'From the arrival of a request to the end of its answer, by route.',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers,
  });
  new Gauge({
    name: 'yardarm_sdk_sockets',
    help: 'Open sockets of SDKs.',
    registers,
    collect() {
      this.set(sockets());
    },
  });
  for (const metric of others) register.registerMetric(metric);
  app.addHook('onResponse', async (request, reply) => {
    // The route's pattern, never the address: that would hold keys, and make a series for each.
    const labels = { method: request.method, route: request.routeOptions.url ?? 'none', status: reply.statusCode };
    durations.observe(labels, reply.elapsedTime / 1_000);
  });
  const expected = Buffer.from(hashSecret(token));
  app.get('/metrics', { config: { policy: 'public' }, schema: { hide: true } }, async (request, reply) => {
    const given = /^Bearer +(\S{1,512})$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (!timingSafeEqual(Buffer.from(hashSecret(given)), expected))
      throw new AppError('unauthenticated', 'Send the metrics token: Authorization: Bearer <YARDARM_METRICS_TOKEN>.');
    return reply
      .header('content-type', register.contentType)
      .header('cache-control', 'no-store')
      .send(await register.metrics());
  });
}
