/**
 * The server's log: one JSON object per line, message constant, data in fields. Credentials never reach it:
 * the paths below are blanked, and request serialisers elsewhere must not add headers of their own.
 */

import { DrizzleQueryError } from 'drizzle-orm';
import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

const SECRET_FIELDS = [
  'authorization',
  'cookie',
  '["set-cookie"]',
  '["x-api-key"]',
  'key',
  'keys',
  'secret',
  'token',
  'password',
  'serverKey',
  'clientKey',
  'signInUrl',
  'databaseUrl',
];

/** Each secret at the top of a record, and inside the three places where requests and errors carry headers. */
const REDACTED_PATHS = SECRET_FIELDS.flatMap((field) => {
  const member = field.startsWith('[') ? field : `.${field}`;
  return [field, `*${member}`, `req.headers${member}`, `res.headers${member}`, `request.headers${member}`];
});

/** @param destination where lines go; standard output unless given (tests). */
export function createLogger(destination?: DestinationStream): Logger {
  const options = {
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: toErrorRecord },
    redact: { paths: REDACTED_PATHS, censor: '[redacted]' },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/**
 * What a line says of an error, named one by one: the driver's errors carry rows, and the query builder puts the
 * parameters of a statement (hashes of secrets, people's keys) into its message.
 */
function toErrorRecord(error: unknown) {
  const chain = causesOf(error);
  return {
    type: chain[0]?.name === 'Error' ? chain[0].constructor.name : chain[0]?.name,
    code: chain.flatMap((cause) => ('code' in cause ? [cause.code] : []))[0],
    message: chain.map(toMessage).join(': '),
    stack: chain.map((cause) => cause.stack?.replace(cause.message, () => toMessage(cause))).join('\ncaused by: '),
  };
}

/** Outermost first; what is thrown and no Error counts as one. */
function causesOf(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let cause = error; cause !== undefined && cause !== null; cause = chain.at(-1)?.cause) {
    const next = cause instanceof Error ? cause : new Error(String(cause));
    if (chain.includes(next)) break;
    chain.push(next);
  }
  return chain;
}

function toMessage(error: Error): string {
  return error instanceof DrizzleQueryError ? `Failed query: ${error.query}` : error.message;
}
