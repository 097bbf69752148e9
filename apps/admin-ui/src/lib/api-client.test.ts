import { describe, expect, test } from 'vitest';
import { apiPath, toApiError, toSentence } from './api-client.ts';

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

test('apiPath encodes every segment', () => {
  expect(apiPath('projects', 'a/b', 'flags')).toBe('/projects/a%2Fb/flags');
});
