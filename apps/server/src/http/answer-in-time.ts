/**
 * Answers 503 where a request takes longer than the `handlerTimeout` of its route, and gives up what it would have written: what is
 * answered as not made is not made later. Fastify's own timer ends when the request closes, which it does as soon as its body has been
 * read: it holds for requests without a body only, and every edit has one.
 */
import { isUnsafe } from '../auth/same-origin.ts';
import { type Attempt, notMade, outcomeUnknown, startAttempt, withdraw } from '../changes/attempt.ts';
import type { AppError } from '../errors.ts';
import type { App } from './app-type.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null on routes without a limit. */
    attempt: Attempt | null;
  }
}

/** Register it before what asks the database. */
export function answerInTime(app: App): void {
  app.decorateRequest('attempt', null);
  app.addHook('onRequest', async (request, reply) => {
    const { handlerTimeout = 0 } = request.routeOptions;
    // A stream stays open, and its handshake has limits of its own.
    if (handlerTimeout === 0 || request.headers.upgrade !== undefined) return;
    const attempt = startAttempt(handlerTimeout);
    request.attempt = attempt;
    const timer = setTimeout(() => {
      // What has begun to be sent is an export, or a stream.
      if (!reply.sent && !reply.raw.headersSent) reply.send(tookTooLong(attempt));
    }, handlerTimeout);
    reply.raw.once('close', () => clearTimeout(timer));
  });
  // Until here nothing was written, and after an answer no route begins. Of the routes commands say what they write (execute-command.ts).
  app.addHook('preHandler', async ({ method, attempt, routeOptions: { config } }) => {
    const writes = isUnsafe(method) && !config.policy?.endsWith('.read');
    if (attempt?.stage === 'waiting' && writes) attempt.stage = 'unwatched';
  });
}

export function tookTooLong(attempt: Attempt | null, cause?: Error): AppError {
  return attempt === null || !withdraw(attempt) ? outcomeUnknown(cause) : notMade(cause);
}
