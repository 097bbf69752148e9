import { DrizzleQueryError } from 'drizzle-orm';
import Fastify, { type FastifyBaseLogger } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { pino } from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { handleErrors, toAppError } from './error-handler.ts';

function answerTo(thrown: () => unknown) {
  const lines: string[] = [];
  const log: FastifyBaseLogger = pino({ level: 'error' }, { write: (line: string) => lines.push(line) });
  const app = Fastify({ loggerInstance: log, genReqId: () => 'request-1' }).withTypeProvider<ZodTypeProvider>();
  handleErrors(app);
  app.get('/', async () => {
    throw thrown();
  });
  return { response: app.inject('/'), lines };
}

describe('handleErrors', () => {
  it('answers an unknown failure without its inside, and logs it whole under the request id', async () => {
    const { response, lines } = answerTo(() => new Error('password is hunter2'));
    const { statusCode, body } = await response;
    expect(statusCode).toBe(500);
    expect(JSON.parse(body)).toEqual({
      error: { code: 'internal', message: expect.any(String), details: [], requestId: 'request-1' },
    });
    expect(body).not.toContain('hunter2');
    expect(lines.join()).toMatch(/hunter2.*request-1|request-1.*hunter2/);
  });

  it('answers an AppError as it is, with when to come back, and does not log what callers do wrong', async () => {
    const { response, lines } = answerTo(() => new AppError('rate_limited', 'Too often.', { retryAfterSeconds: 7 }));
    const { statusCode, headers, body } = await response;
    expect([statusCode, headers['retry-after'], headers['cache-control']]).toEqual([429, '7', 'no-store']);
    expect(JSON.parse(body).error).toMatchObject({ code: 'rate_limited', message: 'Too often.' });
    expect(lines).toEqual([]);
  });

  it('says once a minute, in a line without a stack, that it refuses requests for the database, and how many were unsaid', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const lines: string[] = [];
    const app = Fastify({
      loggerInstance: pino({ level: 'warn' }, { write: (line: string) => lines.push(line) }) as FastifyBaseLogger,
    });
    handleErrors(app.withTypeProvider<ZodTypeProvider>());
    const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    app.get('/', async () => {
      throw new DrizzleQueryError('select secret', ['ada'], away);
    });
    const statuses = [];
    for (let count = 0; count < 5; count++) statuses.push((await app.inject('/')).statusCode);
    vi.advanceTimersByTime(60_000);
    statuses.push((await app.inject('/')).statusCode);
    vi.useRealTimers();
    expect(statuses).toEqual(Array.from({ length: 6 }, () => 503));
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 40, code: 'unavailable', cause: 'ECONNREFUSED', unsaid: 0 },
      { level: 40, code: 'unavailable', cause: 'ECONNREFUSED', unsaid: 4 },
    ]);
    expect(lines.join()).not.toMatch(/select secret|"stack"/);
  });

  it('gives up a handler that hangs, and says when to come back and what is not known', async () => {
    const app = Fastify({ handlerTimeout: 1 }).withTypeProvider<ZodTypeProvider>();
    handleErrors(app);
    app.get('/', () => new Promise(() => undefined));
    const { statusCode, headers, body } = await app.inject('/');
    expect([statusCode, headers['retry-after']]).toEqual([503, '1']);
    expect(JSON.parse(body).error).toMatchObject({
      code: 'outcome_unknown',
      message: expect.stringContaining('whether this was done'),
    });
  });

  it.each([
    ['made', new Error('boom'), 'outcome_unknown'],
    ['made', Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'outcome_unknown'],
    ['made', new AppError('not_found', 'Gone.'), 'not_found'],
    ['unwatched', Object.assign(new Error('x'), { code: 'CONNECTION_CLOSED' }), 'outcome_unknown'],
    ['unwatched', Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'unavailable'],
    ['waiting', Object.assign(new Error('x'), { code: 'CONNECTION_CLOSED' }), 'unavailable'],
  ] as const)('of a write that is %s, answers %s with %s: nothing that was made is denied', (stage, error, code) => {
    expect(toAppError(error, { endsAtMs: Number.POSITIVE_INFINITY, stage }).code).toBe(code);
  });

  it('says nothing of a zod error that is no request', async () => {
    const { response } = answerTo(() => z.object({ secret: z.string() }).safeParse({}).error);
    expect(JSON.parse((await response).body).error).toMatchObject({ code: 'internal', details: [] });
  });
});
