import { afterEach, describe, expect, test, vi } from 'vitest';
import { apiPath, callApi, toApiError, toSentence } from './api-client.ts';

describe('toApiError', () => {
  test("carries the code, sentence and details of the API's own error", () => {
    const details = [{ path: 'key', message: 'Too long.' }];
    expect(toApiError(400, { error: { code: 'validation_failed', message: 'No.', details, requestId: 'r' } })).toMatchObject({
      code: 'validation_failed',
      message: 'No.',
      details,
    });
  });

  test.each([
    [503, { statusCode: 503, error: 'Service Unavailable', message: 'closing' }, 'unavailable'],
    [502, undefined, 'unreachable'],
    [401, 'nope', 'unauthenticated'],
    [500, { error: { code: 7 } }, 'unreachable'],
    [500, null, 'unreachable'],
  ])('an answer %i of somebody else, %j, still is one sentence', (status, body, code) => {
    const error = toApiError(status, body);
    expect(error.code).toBe(code);
    expect(toSentence(error)).toContain(`status ${status}`);
  });
});

describe('callApi', () => {
  afterEach(() => vi.unstubAllGlobals());
  /** Never answers; ends as a browser's does when it is aborted. */
  const silence = (_: string, { signal }: RequestInit) =>
    new Promise((_resolve, reject) => signal!.addEventListener('abort', () => reject(new Error('aborted'))));

  test('a server that never answers is one sentence after the time allowed', async () => {
    vi.stubGlobal('fetch', silence);
    await expect(callApi('/projects', { timeoutMs: 1 })).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('took too long'),
    });
  });

  test('a request that the page no longer wants is no error of the server', async () => {
    vi.stubGlobal('fetch', silence);
    const leaving = new AbortController();
    const call = callApi('/projects', { signal: leaving.signal });
    leaving.abort();
    await expect(call).rejects.toThrow('aborted');
  });

  test('a server that cannot be reached is another sentence', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
    await expect(callApi('/projects')).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('Try again'),
    });
    // Of a change nobody can know whether it arrived.
    await expect(callApi('/projects', { method: 'POST', body: {} })).rejects.toThrow('Check whether the change arrived');
  });
});

test('apiPath encodes every segment', () => {
  expect(apiPath('projects', 'a/b', 'flags')).toBe('/projects/a%2Fb/flags');
});
