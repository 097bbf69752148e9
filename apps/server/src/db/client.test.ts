import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createPool } from './client.ts';

test('a pool never waits longer than a second before it tries a database again', () => {
  const log = pino({ level: 'silent' });
  const { sql } = createPool({ url: 'postgres://127.0.0.1:1/x', applicationName: 'test', maxConnections: 1, log });
  const { backoff } = sql.options;
  if (typeof backoff !== 'function') throw new Error('no function');
  const delaysSeconds = Array.from({ length: 100 }, (_, attempt) => backoff(attempt));
  expect(delaysSeconds).toEqual(delaysSeconds.toSorted((a, b) => a - b));
  expect([delaysSeconds[0], delaysSeconds.at(-1)]).toEqual([0.05, 1]);
});
