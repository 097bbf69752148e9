import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { validateWithZod } from './zod-compilers.ts';

const schema = z.object({ tag: z.string().optional() });
const validate = (httpPart: string) => validateWithZod({ schema, httpPart, method: 'GET', url: '/' });

describe('validateWithZod', () => {
  it('refuses a filter that does not exist: a misspelt one must not mean everything', () => {
    expect(validate('querystring')({ tags: 'old' })).toMatchObject({
      error: { code: 'validation_failed', details: [{ path: 'query.tags' }] },
    });
    expect(validate('querystring')({ tag: 'old' })).toEqual({ value: { tag: 'old' } });
  });

  it('leaves other parts as their schema says', () => {
    expect(validate('headers')({ tag: 'old', host: 'x' })).toEqual({ value: { tag: 'old' } });
  });
});
