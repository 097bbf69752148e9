/**
 * Health, one answer per path: SDKs are served from memory and stay ready while the database is away, the
 * management API does not. `/health/live` only says that the process answers.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';

/** A few missed polls: shorter would flap during a restart of the database. */
export const MAX_SILENT_MS = 5_000;

export interface HealthOptions {
  /** Milliseconds since the database last answered. */
  readonly silentMs: () => number;
  /** The database has this build's schema and takes changes from it. */
  readonly mayWrite: () => boolean;
  readonly closing: () => boolean;
}

export function registerHealthRoutes(app: FastifyInstance, { silentMs, mayWrite, closing }: HealthOptions): void {
  const config = { policy: 'public' } as const;
  const answer = (reply: FastifyReply, ready: boolean) =>
    reply
      .code(ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status: ready ? 'ok' : 'unavailable' });
  app.get('/health/live', { config }, async (_request, reply) => answer(reply, true));
  app.get('/health/ready', { config }, async (_request, reply) =>
    answer(reply, mayWrite() && !closing() && silentMs() <= MAX_SILENT_MS),
  );
  app.get('/health/sync', { config }, async (_request, reply) => answer(reply, !closing()));
}
