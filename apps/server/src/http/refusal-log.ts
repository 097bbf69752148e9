/**
 * Requests that are answered 503. Each caller is told when to come back, and a part of the server says what is wrong with the
 * database: so of each sentence there is a line a minute, with how many were told it, and no stack.
 */
import type { FastifyRequest } from 'fastify';
import type { AppError } from '../errors.ts';

const EVERY_MS = 60_000;

declare module 'fastify' {
  interface FastifyInstance {
    noteRefusal(error: AppError, request: FastifyRequest): void;
  }
}

/** @param now a clock that never runs backwards, milliseconds */
export function createRefusalLog(now: () => number): (error: AppError, request: FastifyRequest) => void {
  /** By sentence: those of this code are constants. */
  const told = new Map<string, { readonly atMs: number; unsaid: number }>();
  return (error, request) => {
    const last = told.get(error.message);
    if (last !== undefined && now() - last.atMs < EVERY_MS) {
      last.unsaid++;
      return;
    }
    told.set(error.message, { atMs: now(), unsaid: 0 });
    request.log.warn(
      { code: error.code, why: error.message, cause: codeOf(error), route: request.routeOptions.url, unsaid: last?.unsaid ?? 0 },
      'requests are refused with 503: the first of this minute, and how many were unsaid before it',
    );
  };
}

/** SQLSTATE, or the driver's word: what a message of it says may hold what people sent. */
function codeOf(error: AppError): string | undefined {
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause)
    if ('code' in cause && typeof cause.code === 'string') return cause.code;
  return undefined;
}
