import { describe, expect, it } from 'vitest';
import { fetchRuleSet, type HttpResponse, MAX_RULE_SET_BYTES, parseRetryAfter } from './fetch-rule-set.ts';
import { STATE_HEADER, stateText } from './position.ts';
import { flagBody, ruleSetOf, stateOf } from './testing/model.ts';

const ruleSet = ruleSetOf(3, { flags: { a: flagBody({ value: 'é' }) } });
const bytesOf = (text: string) => new TextEncoder().encode(text);

function response(
  status: number,
  options: { headers?: { [name: string]: string }; chunks?: readonly Uint8Array[] } = {},
): HttpResponse {
  const chunks = [...(options.chunks ?? [])];
  const headers = new Map(Object.entries(options.headers ?? {}));
  const read = async () => ({ done: chunks.length === 0, value: chunks.shift() });
  return {
    status,
    headers: { get: (name) => headers.get(name) ?? null },
    body: { getReader: () => ({ read, cancel: async () => {} }) },
  };
}

async function ask(answer: HttpResponse | Error, have = null as ReturnType<typeof stateOf> | null) {
  const asked: { url: string; headers: { readonly [name: string]: string } }[] = [];
  const outcome = await fetchRuleSet({
    get: async (url, headers) => {
      asked.push({ url, headers });
      if (answer instanceof Error) throw answer;
      return answer;
    },
    decodeUtf8: (bytes) => new TextDecoder().decode(bytes),
    url: 'https://flags.example/sync/v1/ruleset',
    key: 'ys_12345678',
    view: 'server',
    have,
  });
  return { outcome, asked: asked[0]! };
}

describe('the request', () => {
  it('carries the key in a header, never in the URL', async () => {
    const { asked } = await ask(response(500));
    expect(asked.url).toBe('https://flags.example/sync/v1/ruleset');
    expect(asked.headers).toEqual({ Authorization: 'Bearer ys_12345678', Accept: 'application/json' });
  });

  it('says what is held, as ETag and as position', async () => {
    const { asked } = await ask(response(500), { epoch: '1000-a', revision: 3, digest: '0123456789abcdef' });
    expect(asked.url).toMatch(/\?have=1000-a\.3$/);
    expect(asked.headers['If-None-Match']).toBe('W/"0123456789abcdef.server.1"');
  });
});

describe('the answer', () => {
  it('is a rule set with the state from the header, also when a chunk ends inside a character', async () => {
    const bytes = bytesOf(JSON.stringify(ruleSet));
    const middle = bytes.indexOf(0xc3) + 1;
    const headers = { [STATE_HEADER]: stateText(stateOf(ruleSet)) };
    const { outcome } = await ask(response(200, { headers, chunks: [bytes.slice(0, middle), bytes.slice(middle)] }));
    expect(outcome).toEqual({ kind: 'ruleSet', ruleSet, state: stateOf(ruleSet) });
  });

  it('304 has a state and no rule set', async () => {
    const { outcome } = await ask(response(304, { headers: { [STATE_HEADER]: stateText(stateOf(ruleSet)) } }));
    expect(outcome).toEqual({ kind: 'notModified', state: stateOf(ruleSet) });
  });

  it('that refuses says why in words, and when to come back', async () => {
    const { outcome } = await ask(response(503, { headers: { 'Retry-After': '7' } }));
    expect(outcome).toEqual({ kind: 'failed', status: 503, retryAfterMs: 7_000, problem: 'the server answered 503' });
    expect((await ask(response(401))).outcome).toMatchObject({ status: 401, problem: expect.stringContaining('SDK key') });
  });

  it('that is no rule set is a fault, not an exception', async () => {
    expect((await ask(response(200, { chunks: [bytesOf('<html>')] }))).outcome).toMatchObject({ kind: 'failed', status: null });
    expect((await ask(response(200))).outcome).toMatchObject({ kind: 'failed' });
  });

  it('is given up above 32 MiB', async () => {
    const chunks = Array.from({ length: 33 }, () => new Uint8Array(MAX_RULE_SET_BYTES / 32));
    expect((await ask(response(200, { chunks }))).outcome).toMatchObject({
      kind: 'failed',
      problem: expect.stringContaining('larger'),
    });
  });

  it('that never comes is told with its cause', async () => {
    const error = new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') });
    expect((await ask(error)).outcome).toEqual({
      kind: 'failed',
      status: null,
      retryAfterMs: null,
      problem: 'connect ECONNREFUSED',
    });
  });
});

it('Retry-After counts in whole seconds, up to a day', () => {
  expect([null, '', '-1', '1.5', 'Fri, 01 Jan 2027 00:00:00 GMT', '0', '30', '99999'].map(parseRetryAfter)).toEqual([
    null,
    null,
    null,
    null,
    null,
    0,
    30_000,
    86_400_000,
  ]);
});
