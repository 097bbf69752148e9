import type { Notification, ReceiptsEvent } from '@yardarm/contract';
import { parseState, STATE_HEADER, type SyncState } from '@yardarm/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { API_TOKEN, startTestServer, type TestServer } from '../testing/delivery-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.createFlag('checkout');
});
afterAll(() => server.close());

interface Event {
  readonly id: string;
  readonly notification: Notification;
}

/** Reads the next piece of a body as text; null at its end. */
function textOf(response: Response): () => Promise<string | null> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  return async () => {
    const { done, value } = await reader.read();
    return done ? null : decoder.decode(value, { stream: true });
  };
}

/** Opens a stream and reads it as a browser would. `raw` is everything received. */
async function openEvents(headers: Record<string, string> = {}, project = 'shop') {
  const abort = new AbortController();
  const response = await fetch(`${server.url}/api/v1/projects/${project}/stream`, {
    headers: { authorization: `Bearer ${API_TOKEN}`, ...headers },
    signal: abort.signal,
  });
  const readMore = textOf(response);
  let raw = '';
  let read = 0;
  async function until(pattern: RegExp): Promise<RegExpExecArray | null> {
    for (;;) {
      const match = pattern.exec(raw.slice(read));
      if (match !== null) {
        read += match.index + match[0].length;
        return match;
      }
      const more = await readMore();
      if (more === null) return null;
      raw += more;
    }
  }
  return {
    response,
    until,
    next: async (): Promise<Event> => {
      const match = await until(/id: (\d+)\ndata: (.*)\n\n/);
      return { id: match?.[1] ?? '', notification: JSON.parse(match?.[2] ?? 'null') as Notification };
    },
    raw: () => raw,
    close: () => abort.abort(),
  };
}

/** The cookie of a fresh session. */
async function signIn(): Promise<string> {
  const response = await fetch(`${server.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: API_TOKEN }),
  });
  return (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}

describe('GET /api/v1/projects/{project}/stream', () => {
  test('tells how a revision spreads, while it does, and repeats nothing of that after a reconnect', async () => {
    await server.delivery.poll();
    const have = parseState((await server.ruleSet(server.serverKey.secret)).headers.get(STATE_HEADER)) as SyncState;
    const reader = await server.connect(server.serverKey.secret, have);
    await reader.next('welcome');
    const events = await openEvents();
    await events.until(/id: \d+\n\n/);
    const { revision } = await server.unkill('checkout');
    const receiptsOf = async (wanted: number) => {
      for (;;) {
        const match = await events.until(/event: receipts\ndata: (.*)\n\n/);
        const receipts = JSON.parse(match?.[1] ?? 'null') as ReceiptsEvent;
        // The flag was made a moment ago: that revision spreads as well.
        if (receipts.revision >= wanted) return receipts;
      }
    };
    expect(await receiptsOf(revision)).toMatchObject({
      kind: 'receipts',
      environment: 'production',
      revision,
      server: { connected: 1, applied: 0, pending: 1 },
      laggards: [{ held: { revision: revision - 1 } }],
    });
    const { epoch, to, digest } = await reader.next('delta');
    reader.send({ type: 'applied', epoch, revision: to, digest });
    expect(await receiptsOf(revision)).toMatchObject({
      revision,
      server: { connected: 1, applied: 1, pending: 0 },
      laggards: [],
    });
    expect(events.raw()).not.toMatch(/id: .*\nevent: receipts/);
    await server.kill('checkout');
    events.close();
    reader.socket.close();
    await reader.closed;
  });

  test('names what changed, where and by whom, as soon as it is committed', async () => {
    const events = await openEvents();
    expect(events.response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    await events.until(/id: \d+\n\n/);
    const { revision } = await server.unkill('checkout');
    const { notification } = await events.next();
    expect(notification).toEqual({ kind: 'flag', key: 'checkout', environment: 'production', revision, actor: 'tests' });
    events.close();
  });

  test('tells that shared views are others now', async () => {
    const events = await openEvents();
    await events.until(/id: \d+\n\n/);
    const call = async (method: string, path: string, body?: object) => {
      const headers = { authorization: `Bearer ${API_TOKEN}`, ...(body && { 'content-type': 'application/json' }) };
      const response = await fetch(`${server.url}/api/v1/projects/shop/views${path}`, {
        ...{ method, headers },
        ...(body && { body: JSON.stringify(body) }),
      });
      expect(response.ok).toBe(true);
      return response.status === 204 ? null : ((await response.json()) as { id: string });
    };
    const shared = await call('POST', '', { name: 'Ours', shared: true, filter: { q: 'b' } });
    await events.until(/event: views\ndata: {"kind":"views"}\n\n/);
    await call('DELETE', `/${shared?.id}`);
    await events.until(/event: views\ndata: {"kind":"views"}\n\n/);
    events.close();
  });

  test('also tells of changes that move no revision', async () => {
    const events = await openEvents();
    await events.until(/id: \d+\n\n/);
    const { id } = await server.makeKey('server');
    expect((await events.next()).notification).toMatchObject({ kind: 'key', key: id, revision: null });
    events.close();
  });

  test('replays what came after Last-Event-ID, in order, before anything new', async () => {
    const first = await openEvents();
    await first.until(/id: \d+\n\n/);
    await server.kill('checkout');
    const { id } = await first.next();
    first.close();
    const missed = [(await server.unkill('checkout')).revision, (await server.kill('checkout')).revision];
    const again = await openEvents({ 'last-event-id': id });
    const fresh = await server.unkill('checkout');
    const seen = [await again.next(), await again.next(), await again.next()];
    expect(seen.map((event) => event.notification.revision)).toEqual([...missed, fresh.revision]);
    again.close();
  });

  test('resumes from where it was opened when nothing had come yet', async () => {
    const first = await openEvents();
    const opened = await first.until(/id: (\d+)\n\n/);
    first.close();
    const { revision } = await server.kill('checkout');
    const again = await openEvents({ 'last-event-id': opened?.[1] ?? '' });
    expect((await again.next()).notification.revision).toBe(revision);
    again.close();
  });

  test('tells nothing of other projects', async () => {
    await server.api('POST', '/projects', { key: 'other', name: 'Other' });
    const events = await openEvents({}, 'other');
    await events.until(/id: \d+\n\n/);
    await server.unkill('checkout');
    await server.delivery.poll();
    await server.api('POST', '/projects/other/flags', { key: 'own', kind: 'operational', variants: { on: true, off: false } });
    expect((await events.next()).notification.key).toBe('own');
    events.close();
  });

  test('beats, and ends with the session that opened it', async () => {
    const cookie = await signIn();
    const response = await fetch(`${server.url}/api/v1/projects/shop/stream`, { headers: { cookie } });
    expect(response.status).toBe(200);
    const readMore = textOf(response);
    let received = '';
    // Whoever sets the server's clock back must not keep a stream open that long after its session.
    server.setClock(-3_600_000);
    server.shift(15_000);
    while (!received.includes(': heartbeat')) received += await readMore();
    await fetch(`${server.url}/api/v1/session`, { method: 'DELETE', headers: { cookie, 'sec-fetch-site': 'same-origin' } });
    server.shift(15_000);
    let last = await readMore();
    while (last !== null) last = await readMore();
    expect(last).toBeNull();
    server.setClock(0);
  });

  test('is no use of the session that opened it', async () => {
    const cookie = await signIn();
    const lastSeen = () => server.database.sql`select last_seen_at from sessions order by created_at desc limit 1`;
    const response = await fetch(`${server.url}/api/v1/projects/shop/stream`, { headers: { cookie } });
    const before = await lastSeen();
    const readMore = textOf(response);
    server.shift(3_600_000);
    let received = '';
    while (!received.includes(': heartbeat')) received += await readMore();
    expect(await lastSeen()).toEqual(before);
    await response.body?.cancel().catch(() => undefined);
  });

  test('starts at the newest change for a Last-Event-ID of a history that is not this one', async () => {
    const events = await openEvents({ 'last-event-id': '999999999999' });
    const match = await events.until(/id: (\d+)\n\n/);
    expect(match?.[1]).not.toBe('999999999999');
    const { id } = await server.makeKey('server');
    expect((await events.next()).notification).toMatchObject({ kind: 'key', key: id });
    events.close();
  });

  test('answers 401 without a credential and 404 for an unknown project', async () => {
    expect((await fetch(`${server.url}/api/v1/projects/shop/stream`)).status).toBe(401);
    expect((await server.request('GET', '/projects/nowhere/stream')).status).toBe(404);
  });

  test('ends when the server closes', async () => {
    const own = await startTestServer();
    const response = await own.request('GET', '/projects/shop/stream');
    await own.closeApp();
    await expect(response.text()).resolves.toMatch(/^retry: \d+\nid: \d+\n\n$/);
    await own.close();
  });
});
