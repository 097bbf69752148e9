/**
 * Refuses what would only wait in line. The driver's line for a connection has no end: behind a held lock or a slow database
 * each new request would make all of them later, kills too. So there is a bound on requests that are answered at the same time.
 */
import type { FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import type { App } from './app-type.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** False: neither counted nor ever refused for the load: kills, and streams, which stay open without a connection. */
    isShed?: boolean;
  }
}

/** Ten for each connection: a burst of quick requests passes, and what waits behind slow ones is given up soon. */
const MAX_UNDER_WAY = 100;
const RETRY_AFTER_SECONDS = 1;

/** Register it before what asks the database. Routes for SDKs and files are not counted. */
export function shedLoad(app: App): void {
  const underWay = new Set<FastifyRequest>();
  app.addHook('onRequest', async (request) => {
    const { policy, isShed = true } = request.routeOptions.config;
    if (!isShed || policy === undefined || policy === 'sdk-key' || policy === 'public') return;
    if (underWay.size >= MAX_UNDER_WAY)
      throw new AppError(
        'unavailable',
        'The server has more requests than it can answer; this one was not begun. Try again in a moment.',
        {
          retryAfterSeconds: RETRY_AFTER_SECONDS,
        },
      );
    underWay.add(request);
  });
  // An answer is ready, or its reader went away before there was one.
  app.addHook('onSend', async (request) => {
    underWay.delete(request);
  });
  app.addHook('onResponse', async (request) => {
    underWay.delete(request);
  });
}
