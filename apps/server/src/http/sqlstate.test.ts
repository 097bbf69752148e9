import { describe, expect, it } from 'vitest';
import { AppError } from '../errors.ts';
import { toAppError } from './error-handler.ts';
import { toDatabaseError } from './sqlstate.ts';

function postgresError(code: string): Error {
  return Object.assign(new Error(`secret detail of ${code}`), { name: 'PostgresError', code });
}

describe('toDatabaseError', () => {
  it.each([
    ['55P03', 'unavailable'],
    ['57014', 'unavailable'],
    ['40001', 'unavailable'],
    ['40P01', 'unavailable'],
    ['57P01', 'unavailable'],
    ['57P03', 'unavailable'],
    ['53300', 'unavailable'],
    ['08006', 'unavailable'],
    ['25006', 'unavailable'],
    ['23505', 'already_exists'],
    ['23503', 'invalid_reference'],
    ['22P05', 'validation_failed'],
    ['22021', 'validation_failed'],
    ['42703', 'internal'],
    ['23514', 'internal'],
  ])('%s, wrapped by the query builder, is %s and says nothing of its inside', (code, expected) => {
    const cause = postgresError(code);
    const error = toDatabaseError(new Error('Failed query: select secrets', { cause }));
    expect(error?.code).toBe(expected);
    expect(error?.message).not.toMatch(/secret|query/i);
    expect(error?.retryAfterSeconds).toBe(expected === 'unavailable' ? 1 : undefined);
  });

  it.each(['CONNECTION_CLOSED', 'CONNECT_TIMEOUT', 'ECONNREFUSED', 'EAI_AGAIN', 'EHOSTUNREACH'])(
    '%s means that the database is away',
    (code) => {
      expect(toDatabaseError(Object.assign(new Error('x'), { code }))?.code).toBe('unavailable');
    },
  );

  it('leaves a missing file alone', () => {
    expect(toDatabaseError(Object.assign(new Error('x'), { code: 'ENOENT', path: '/etc/x' }))).toBeUndefined();
  });
});

describe('toAppError', () => {
  it('passes an AppError on', () => {
    const error = new AppError('forbidden', 'No.');
    expect(toAppError(error)).toBe(error);
  });

  it.each([
    [413, 'payload_too_large'],
    [415, 'unsupported_media_type'],
    [400, 'validation_failed'],
  ])('maps the refusal %i of fastify', (statusCode, code) => {
    expect(toAppError(Object.assign(new Error('x'), { statusCode })).code).toBe(code);
  });

  it.each([new Error('secret'), 'secret', undefined, Object.assign(new Error('secret'), { statusCode: 500 })])(
    'hides what it does not know: %s',
    (thrown) => {
      expect(toAppError(thrown)).toMatchObject({ code: 'internal', message: expect.not.stringContaining('secret') });
    },
  );
});
