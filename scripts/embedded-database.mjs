// @ts-check
/** The embedded database of a running server, seen from outside: for benches and tests that look behind the API. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import postgres from 'postgres';

/** @param {string} dataDirectory of a running server */
export function postmasterPid(dataDirectory) {
  return Number(postmasterLines(dataDirectory)[0]);
}

/**
 * A connection with full rights, of its own; end it with `sql.end()`.
 * @param {string} dataDirectory of a running server
 * @param {string} [database]
 */
export function connectToEmbedded(dataDirectory, database = 'yardarm') {
  const port = Number(postmasterLines(dataDirectory)[3]);
  const password = readFileSync(path.join(dataDirectory, 'postgres', 'yardarm.password'), 'utf8').trim();
  return postgres({ host: '127.0.0.1', port, user: 'yardarm', password, database, max: 1, onnotice: () => {} });
}

/** @param {string} dataDirectory */
function postmasterLines(dataDirectory) {
  return readFileSync(path.join(dataDirectory, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
}
