/** The one place that knows what a failure of the database means to a caller. */
import { AppError } from '../errors.ts';

const RETRY_AFTER_SECONDS = 1;

/** Errors of the driver itself, where no SQLSTATE exists: the connection is gone or was never made. */
const CONNECTION_CODES: ReadonlySet<string> = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'CONNECT_TIMEOUT',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** Of those, and of PostgreSQL's own words, what ends a connection on which a COMMIT may be under way. */
const LOST_CODES: ReadonlySet<string> = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
]);

/** Whether nobody can say what became of what was asked last. */
export function isLostConnection(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = readCode(cause);
    if (code !== undefined) return LOST_CODES.has(code);
  }
  return false;
}

/** The answer to a database error anywhere in `error`'s chain of causes; undefined when there is none. */
export function toDatabaseError(error: unknown): AppError | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = readCode(cause);
    if (code !== undefined) return byCode(isUnstorableText(code, cause) ? '22P05' : code, error);
  }
  return undefined;
}

/** SQLSTATE, or the driver's word for a lost connection. Node's own errors with such codes come from files, too: only `postgres` ones carry `address` or a severity. */
function readCode(error: Error): string | undefined {
  if (!('code' in error) || typeof error.code !== 'string') return undefined;
  if (error.name === 'PostgresError') return error.code;
  return CONNECTION_CODES.has(error.code) && !('path' in error) ? error.code : undefined;
}

/** Half a surrogate pair: jsonb refuses it under the code of any malformed value, and only ever inside JSON. */
function isUnstorableText(code: string, { message }: Error): boolean {
  return code === '22P02' && message.includes('json');
}

function byCode(code: string, cause: unknown): AppError {
  const unavailable = (message: string) =>
    new AppError('unavailable', message, { retryAfterSeconds: RETRY_AFTER_SECONDS, cause });
  if (CONNECTION_CODES.has(code)) return unavailable('The database cannot be reached; try again in a moment.');
  switch (code) {
    case '55P03': // lock_not_available
      return unavailable('Another change is being written to the same environment; try again in a moment.');
    case '57014': // query_canceled
      return unavailable('The database took too long to answer; try again in a moment.');
    case '40001': // serialization_failure
    case '40P01': // deadlock_detected
      return unavailable('The change collided with another one and was not made; try again.');
    case '23505': // unique_violation
      return new AppError('already_exists', 'Something of that name was made at the same time.', { cause });
    case '23503': // foreign_key_violation
      return new AppError('invalid_reference', 'The request refers to something that does not exist.', { cause });
    case '22007': // invalid_datetime_format
    case '22008': // datetime_field_overflow
      // Contracts check every time that is a member of a request; what is left is inside a cursor.
      return new AppError(
        'validation_failed',
        "This cursor names no time; take 'next' of the page before, or begin without one.",
        {
          cause,
        },
      );
    case '22P05': // untranslatable_character
    case '22021': // character_not_in_repertoire
      return new AppError(
        'validation_failed',
        'The request contains a character that cannot be stored, such as U+0000 or half a surrogate pair.',
        {
          cause,
        },
      );
  }
  switch (code.slice(0, 2)) {
    case '08': // connection exception
    case '53': // insufficient resources
    case '57': // operator intervention: starting, stopping, crashed
    case '25': // read-only transaction: a standby answered
      return unavailable('The database cannot take this at the moment; try again.');
    default:
      return new AppError('internal', INTERNAL_MESSAGE, { cause });
  }
}

/** What an unknown failure says: nothing about its inside. */
export const INTERNAL_MESSAGE = 'Something went wrong inside the server. Its log has the details under this request id.';
