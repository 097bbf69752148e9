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
    [413, undefined, 'refused'],
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
  });

  /** Loses what it is asked for as often as there are failures, and then answers. */
  const losing = (...failures: readonly (() => Response | Error)[]) => {
    const sent: RequestInit[] = [];
    vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
      const answer = (failures[sent.push(init) - 1] ?? (() => Response.json({ key: 'shop' })))();
      if (answer instanceof Error) throw answer;
      return answer;
    });
    return sent;
  };
  const keysOf = (sent: readonly RequestInit[]) => sent.map(({ headers }) => new Headers(headers).get('idempotency-key'));
  const lost = () => new TypeError('Failed to fetch');
  const unknown = () =>
    Response.json({ error: { code: 'outcome_unknown', message: 'With the same Idempotency-Key.' } }, { status: 503 });
  const soon = { method: 'POST', body: {}, repeatedAfterMs: [1, 1] } as const;

  test('a change whose answer is lost is sent again under the same key', async () => {
    const sent = losing(lost, unknown);
    expect(await callApi('/projects', soon)).toEqual({ key: 'shop' });
    expect(sent).toHaveLength(3);
    const [key] = keysOf(sent);
    expect(key).toMatch(/^[0-9a-f]{32}$/);
    expect(keysOf(sent)).toEqual([key, key, key]);
  });

  test('a change that was refused is sent once', async () => {
    const refusal = () => Response.json({ error: { code: 'conflict', message: 'No.' } }, { status: 409 });
    const sent = losing(refusal);
    await expect(callApi('/projects', soon)).rejects.toThrow('No.');
    expect(sent).toHaveLength(1);
  });

  test('a change that stays unknown says what a person can do, and speaks of no header', async () => {
    losing(lost, lost, lost);
    await expect(callApi('/projects', soon)).rejects.toThrow('The server does not answer. Check whether the change arrived');
    losing(unknown, unknown, unknown);
    await expect(callApi('/projects', { ...soon, ifVersion: 3 })).rejects.toThrow(
      'Try again: what has arrived is not done twice.',
    );
  });

  test('a kill is repeated without a key, and what may not be repeated is sent once', async () => {
    const kill = losing(lost);
    await callApi('/kill', { ...soon, repetition: 'harmless' });
    expect(keysOf(kill)).toEqual([null, null]);
    const test = losing(lost);
    await expect(callApi('/test', { ...soon, repetition: 'never' })).rejects.toMatchObject({ code: 'unreachable' });
    const deletion = losing(lost);
    await expect(callApi('/teams/growth', { method: 'DELETE', repeatedAfterMs: [1] })).rejects.toThrow('Check whether');
    expect([test.length, deletion.length]).toEqual([1, 1]);
    expect(keysOf([...test, ...deletion])).toEqual([null, null]);
  });
});

test('apiPath encodes every segment', () => {
  expect(apiPath('projects', 'a/b', 'flags')).toBe('/projects/a%2Fb/flags');
});
