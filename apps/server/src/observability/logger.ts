/**
 * The server's log: one JSON object per line, message constant, data in fields. Credentials never reach it:
 * the paths below are blanked, and request serialisers elsewhere must not add headers of their own.
 */

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
    redact: { paths: REDACTED_PATHS, censor: '[redacted]' },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
