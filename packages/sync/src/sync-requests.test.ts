import { describe, expect, it } from 'vitest';
import { boundedText, MAX_ANSWER_BYTES } from './bounded-text.ts';
import { deltaPath, type PolledReceipt } from './messages.ts';
import { STATE_HEADER, stateText } from './position.ts';
import { type HttpResponse, parseRetryAfter, syncRequests } from './sync-requests.ts';
import { deltaOf, flagBody, ruleSetOf, stateOf } from './testing/model.ts';

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

interface Asked {
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string | undefined;
}

/** The requests against a server that gives this answer, and what it was asked. */
function against(answer: HttpResponse | Error) {
  const asked: Asked[] = [];
  const requests = syncRequests(
    {
      send: async (url, headers, body) => {
        asked.push({ url, headers, body });
        if (answer instanceof Error) throw answer;
        return answer;
      },
      readText: boundedText((bytes) => new TextDecoder().decode(bytes)),
    },
    { baseUrl: 'https://flags.example', key: 'ys_12345678', view: 'server' },
  );
  return { requests, asked };
}

async function ask(answer: HttpResponse | Error, have = null as ReturnType<typeof stateOf> | null) {
  const { requests, asked } = against(answer);
  const outcome = await requests.fetchRuleSet(have);
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
    const chunks = Array.from({ length: 33 }, () => new Uint8Array(MAX_ANSWER_BYTES / 32));
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

const textOf = (json: unknown) => response(200, { chunks: [bytesOf(JSON.stringify(json))] });

describe('the request for a delta', () => {
  const path = deltaPath('1000-a', 3, 4);
  const delta = deltaOf(ruleSet, ruleSetOf(4));

  it('goes to its address, and is read like a frame', async () => {
    const { requests, asked } = against(textOf(delta));
    expect(await requests.fetchDelta(path)).toEqual({ kind: 'delta', message: delta });
    expect(asked[0]).toMatchObject({ url: `https://flags.example${path}`, headers: { Authorization: 'Bearer ys_12345678' } });
  });

  it('yields the kills of one whose rest cannot be read', async () => {
    const kill = [{ key: 'a', offVariant: 'off', revision: 4 }];
    const { requests } = against(textOf({ ...delta, kill, put: 'all' }));
    const kills = { epoch: '1000-a', kill };
    expect(await requests.fetchDelta(path)).toMatchObject({ kind: 'delta', message: { type: 'invalid', kills } });
  });

  it('takes nothing else for a delta', async () => {
    for (const answer of [textOf({ type: 'beat', revision: 4, digest: 'd' }), textOf({ type: 'new' }), response(304)]) {
      expect((await against(answer).requests.fetchDelta(path)).kind).not.toBe('ruleSet');
    }
    expect(await against(response(404)).requests.fetchDelta(path)).toMatchObject({ kind: 'failed', status: 404 });
  });
});

describe('the request for kills', () => {
  const kills = { epoch: '1000-a', revision: 9, off: [{ key: 'a', offVariant: null, revision: 7 }] };

  it('reads the frozen schema and nothing else', async () => {
    const off = [...kills.off, { key: 'b' }, null, 'c', { key: 'd', revision: 2, offVariant: 5, when: { rules: [] } }];
    const { requests, asked } = against(textOf({ ...kills, off, flags: {} }));
    const readable = { ...kills, off: [...kills.off, { key: 'd', offVariant: null, revision: 2 }] };
    expect(await requests.fetchKills()).toEqual(readable);
    expect(asked[0]?.url).toBe('https://flags.example/sync/v1/kills');
  });

  it('that fails, or answers something else, is null', async () => {
    const answers = [response(500), response(304), new Error('reset'), textOf([]), textOf(null), textOf({ ...kills, off: 7 })];
    for (const answer of [...answers, textOf({ ...kills, epoch: '' }), textOf({ ...kills, revision: '9' })]) {
      expect(await against(answer).requests.fetchKills()).toBeNull();
    }
  });
});

it('a receipt over HTTP is posted once, and what becomes of it concerns nobody', async () => {
  const receipt: PolledReceipt = { instance: 'i', sdk: 'test/1', app: {}, applied: stateOf(ruleSet) };
  for (const answer of [response(204), response(500), new Error('reset')]) {
    const { requests, asked } = against(answer);
    expect(requests.sendReceipt(receipt)).toBeUndefined();
    await Promise.resolve();
    expect(asked).toMatchObject([{ url: 'https://flags.example/sync/v1/applied', body: JSON.stringify(receipt) }]);
  }
});

it('Retry-After counts in whole seconds, up to five minutes', () => {
  expect([null, '', '-1', '1.5', 'Fri, 01 Jan 2027 00:00:00 GMT', '0', '30', '99999'].map(parseRetryAfter)).toEqual([
    null,
    null,
    null,
    null,
    null,
    0,
    30_000,
    300_000,
  ]);
});
