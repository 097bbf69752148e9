/** From a route to the gate to the command: what every writing route does with the command it built. */
import type { CommandOf } from '@yardarm/contract';
import type { FastifyRequest } from 'fastify';
import { callerOf } from '../auth/authenticate.ts';
import { isUnsafe } from '../auth/same-origin.ts';
import { AppError } from '../errors.ts';
import { passGate } from '../governance/gate.ts';
import { type Attempt, startAttempt } from './attempt.ts';
import type { CommandType } from './command-context.ts';
import { type AnswerOf, type CommandDependencies, runCommand } from './run-command.ts';

const MAX_KEY_CHARS = 255;

/** Answers what the command answers. Throws what the gate and the command throw. */
export async function executeCommand<T extends CommandType>(
  dependencies: CommandDependencies,
  request: FastifyRequest,
  command: CommandOf<T> & { type: T },
): Promise<AnswerOf<T>> {
  const { actor, grants } = callerOf(request);
  const decision = passGate<CommandOf<T>>({
    actor,
    grants,
    command,
    requestId: request.id,
    idempotencyKey: isUnsafe(request.method) ? readIdempotencyKey(request.headers['idempotency-key']) : null,
  });
  switch (decision.kind) {
    case 'apply':
      return runCommand<T>({ ...dependencies, attempt: watch(request.attempt) }, decision.grant);
  }
}

/** From here on nothing is written that does not ask the attempt; unless something was before. */
function watch(attempt: Attempt | null): Attempt {
  if (attempt?.stage === 'unwatched') attempt.stage = 'waiting';
  return attempt ?? startAttempt();
}

function readIdempotencyKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  if (typeof header === 'string' && header.length >= 1 && header.length <= MAX_KEY_CHARS) return header;
  throw new AppError('validation_failed', `Idempotency-Key must be 1 to ${MAX_KEY_CHARS} characters.`, {
    details: [{ path: 'headers.idempotency-key', message: `Expected 1 to ${MAX_KEY_CHARS} characters.` }],
  });
}
