import { DrizzleQueryError } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';

describe('createLogger', () => {
  const canary = 'canary-secret';

  it.each([
    ['a header of a request', { req: { headers: { authorization: `Bearer ${canary}`, cookie: canary } } }],
    ['a header of an answer', { res: { headers: { 'set-cookie': canary } } }],
    ['a token', { token: canary }],
    ['an SDK key', { demo: { serverKey: canary, key: canary } }],
    ['a password of a database', { database: { password: canary } }],
    ['a sign-in link', { signInUrl: canary }],
  ])('never writes %s', (_, record) => {
    expect(written(record)).toMatchObject({ text: expect.not.stringContaining(canary) });
    expect(written(record).text).toContain('[redacted]');
  });

  it('names the statement that failed and why, and none of its parameters', () => {
    const cause = Object.assign(new Error('the reason'), { code: '55P03', parameters: [canary], detail: `(${canary})` });
    const err = new Error('outer', { cause: new DrizzleQueryError('select $1', [canary], cause) });
    for (const error of [err, err.cause]) {
      const { text } = written({ err: error });
      expect(text).not.toContain(canary);
      expect(JSON.parse(text).err).toMatchObject({ message: expect.stringContaining('select $1: the reason') });
    }
    expect(JSON.parse(written({ err: err.cause }).text).err).toMatchObject({ type: 'DrizzleQueryError', code: '55P03' });
  });

  it('writes one JSON object per line with a readable level and time', () => {
    expect(JSON.parse(written({ environment: 'production', revision: 7 }).text)).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      environment: 'production',
      revision: 7,
      msg: 'change recorded',
    });
  });

  function written(record: object): { text: string } {
    const lines: string[] = [];
    createLogger({ write: (line) => lines.push(line) }).info(record, 'change recorded');
    return { text: lines.join('') };
  }
});
