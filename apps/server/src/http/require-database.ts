/**
 * A server that was started while its database is away serves SDKs from what it kept, and nobody else: it does not know yet whether
 * the database has its schema.
 */
import { AppError } from '../errors.ts';
import type { App } from './app-type.ts';

const RETRY_AFTER_SECONDS = 5;

/** Register it before what asks the database. Refuses the management API until `isReady`. */
export function requireDatabase(app: App, isReady: () => boolean): void {
  app.addHook('onRequest', async ({ routeOptions: { url, config } }) => {
    if (isReady() || config.policy === 'sdk-key' || !url?.startsWith('/api/')) return;
    throw new AppError(
      'unavailable',
      'The database cannot be reached since this server started; SDKs are served, try again later.',
      {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      },
    );
  });
}
