/** The one error handler: whatever was thrown becomes `{ error: { code, message, details, requestId } }`. */
import { type ErrorBody, errorBody } from '@yardarm/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Attempt, madeUnanswered, outcomeUnknown } from '../changes/attempt.ts';
import { AppError } from '../errors.ts';
import { tookTooLong } from './answer-in-time.ts';
import type { App } from './app-type.ts';
import { createRefusalLog } from './refusal-log.ts';
import { INTERNAL_MESSAGE, isLostConnection, toDatabaseError } from './sqlstate.ts';

/** Part of every route's response schema. */
export const ERROR_RESPONSES = { '4xx': errorBody, '5xx': errorBody } as const;

export function handleErrors(app: App): void {
  app.decorate(
    'noteRefusal',
    createRefusalLog(() => performance.now()),
  );
  app.setErrorHandler((error, request, reply) => answerError(toAppError(error, request.attempt), request, reply));
}

/** Sends one error; what caused one of the server's own goes to the log. */
export function answerError(error: AppError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error.code === 'unavailable') request.server.noteRefusal(error, request);
  else if (error.status >= 500) request.log.error({ err: error.cause ?? error, code: error.code }, 'request failed');
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', error.retryAfterSeconds);
  const body: ErrorBody = {
    error: {
      code: error.code,
      message: error.message,
      details: error.details.map((detail) => ({ ...detail })),
      requestId: request.id,
    },
  };
  return reply.code(error.status).header('cache-control', 'no-store').send(body);
}

/** Total: anything unknown is `internal`. Where something was written, or may have been, it is none of the codes that say that nothing was. */
export function toAppError(error: unknown, attempt: Attempt | null = null): AppError {
  const answer = toAnswer(error, attempt);
  if (answer.status < 500) return answer;
  if (attempt?.stage === 'made') return madeUnanswered(error);
  return attempt?.stage === 'unwatched' && isLostConnection(error) ? outcomeUnknown(error) : answer;
}

function toAnswer(error: unknown, attempt: Attempt | null): AppError {
  if (error instanceof AppError) return error;
  return (
    toDatabaseError(error) ?? toProtocolError(error, attempt) ?? new AppError('internal', INTERNAL_MESSAGE, { cause: error })
  );
}

/** Fastify's own refusals: too slow, body too large, unknown media type. Their messages name no internals. */
function toProtocolError(error: unknown, attempt: Attempt | null): AppError | undefined {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') return undefined;
  if ('code' in error && error.code === 'FST_ERR_HANDLER_TIMEOUT') return tookTooLong(attempt, error);
  if (error.statusCode < 400 || error.statusCode >= 500) return undefined;
  if (error.statusCode === 413) return new AppError('payload_too_large', 'The request body is too large.', { cause: error });
  if (error.statusCode === 415)
    return new AppError('unsupported_media_type', 'The body must be JSON: send Content-Type: application/json.', {
      cause: error,
    });
  return new AppError('validation_failed', error.message, { cause: error });
}
