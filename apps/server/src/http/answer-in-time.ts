/**
 * Answers 503 where a request takes longer than the `handlerTimeout` of its route. Fastify's own timer ends when the request closes, which
 * it does as soon as its body has been read: it holds for requests without a body only, and every edit has one.
 */
import { AppError } from '../errors.ts';
import type { App } from './app-type.ts';

const RETRY_AFTER_SECONDS = 1;

/** Register it before what asks the database. */
export function answerInTime(app: App): void {
  app.addHook('onRequest', async (request, reply) => {
    const { handlerTimeout = 0 } = request.routeOptions;
    // A stream stays open, and its handshake has limits of its own.
    if (handlerTimeout === 0 || request.headers.upgrade !== undefined) return;
    const timer = setTimeout(() => {
      // What has begun to be sent is an export, or a stream.
      if (!reply.sent && !reply.raw.headersSent) reply.send(tookTooLong());
    }, handlerTimeout);
    reply.raw.once('close', () => clearTimeout(timer));
  });
}

export function tookTooLong(cause?: Error): AppError {
  return new AppError('unavailable', 'The server took too long; a change may have been made or not. Look, then try again.', {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    cause,
  });
}
