/** Refusals as OFREP 0.3.0 has them: 401, 403 and 429 without a body, everything else with one of its shapes. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { toAppError } from '../http/error-handler.ts';

/** Of what this server cannot do now, where nobody knows better. */
const RETRY_AFTER_SECONDS = 1;

export function answerOfrepError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = toAppError(thrown, request.attempt);
  const { code, message, status, retryAfterSeconds } = error;
  reply.header('cache-control', 'no-store');
  switch (code) {
    case 'unauthenticated':
      return reply.code(401).header('www-authenticate', 'Bearer').send();
    case 'forbidden':
      return reply.code(403).send();
    case 'rate_limited':
      return reply
        .code(429)
        .header('retry-after', retryAfterSeconds ?? RETRY_AFTER_SECONDS)
        .send();
    case 'unavailable':
    case 'outcome_unknown':
      return sendText(reply.code(503).header('retry-after', retryAfterSeconds ?? RETRY_AFTER_SECONDS), { errorDetails: message });
    default:
  }
  if (status >= 500) {
    request.log.error({ err: error.cause ?? error, code }, 'request failed');
    return sendText(reply.code(500), { errorDetails: message });
  }
  // Too large, or no JSON: the reader has no other word for it.
  const { key } = request.params as { readonly key?: string };
  return sendText(reply.code(400), {
    ...(key !== undefined && { key }),
    errorCode: code === 'payload_too_large' ? 'INVALID_CONTEXT' : 'PARSE_ERROR',
    errorDetails: message,
  });
}

function sendText(reply: FastifyReply, body: object): FastifyReply {
  return reply.type('application/json; charset=utf-8').serializer(JSON.stringify).send(body);
}
