/** Event streams as a browser opens them: the address out of a bulk answer, without a header. */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../testing/delivery-server.ts';
import { ofrepClient } from '../testing/ofrep-client.ts';
import { TOKEN_HOUR_MS } from './stream-token.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ ofrep: { streams: { perKey: 2, all: 3 } } });
  await server.createFlag('checkout', { clientSide: true });
  await server.createFlag('internal');
  await server.unkill('checkout');
  await server.delivery.poll();
});
afterAll(() => server.close());

async function streamUri(secret = server.clientKey.secret): Promise<string> {
  const { body } = await ofrepClient(server.url, secret).bulk({ context: { targetingKey: 'ada' } });
  return body.eventStreams[0]?.endpoint.requestUri ?? '';
}

/** Over a connection of its own, which ends with the stream. */
async function open(uri: string, headers: Record<string, string> = {}) {
  const asked = get(`${server.url}${uri}`, { headers, agent: false });
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const ended = new Promise<void>((resolve) => response.on('close', resolve));
  return {
    response,
    ended,
    events: () => text.split('\n\n').filter((event) => event.includes('data:')),
    close: async () => {
      asked.destroy();
      await ended;
    },
  };
}

const status = async (uri: string, headers: Record<string, string> = {}) => {
  const { response, close } = await open(uri, headers);
  await close();
  return response.statusCode;
};

test('a change is told with the position to wait for, and one that the view does not see is not', async () => {
  const uri = await streamUri();
  expect(uri).not.toContain(server.clientKey.secret);
  const stream = await open(uri);
  expect(stream.response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
  await server.kill('internal');
  await server.delivery.poll();
  const { revision } = await server.kill('checkout');
  await expect.poll(() => stream.events()).toHaveLength(1);
  const [id, event, data] = stream.events()[0]?.split('\n') ?? [];
  expect(event).toBe('event: message');
  const message = JSON.parse((data ?? '').slice('data: '.length));
  expect(message).toEqual({ type: 'refetchEvaluation', etag: expect.stringMatching(new RegExp(`\\.${revision}$`)) });

  // Who comes back with the id of the last message has missed nothing; with another one, or with none, it is told once.
  await stream.close();
  const lastEventId = (id ?? '').slice('id: '.length);
  const back = await open(uri, { 'last-event-id': lastEventId });
  const late = await open(uri);
  await expect.poll(() => late.events()).toHaveLength(1);
  expect(back.events()).toEqual([]);
  await Promise.all([back.close(), late.close()]);
});

test('what happens between the evaluation and the opening of its stream is told', async () => {
  await server.kill('checkout');
  await server.delivery.poll();
  const uri = await streamUri();
  await server.unkill('checkout');
  await server.delivery.poll();
  const stream = await open(uri);
  await expect.poll(() => stream.events()).toHaveLength(1);
  await stream.close();
});

test('opens for a token of a key that works, for a while, and for nothing else', async () => {
  const uri = await streamUri();
  expect(await status(uri)).toBe(200);
  expect(await status('/ofrep/v1/stream')).toBe(401);
  expect(await status(uri.replace('token=', 'token=1'))).toBe(401);
  server.setClock(2 * TOKEN_HOUR_MS);
  expect(await status(uri)).toBe(401);
  server.setClock(0);
  expect(await status('/ofrep/v1/stream', { authorization: `Bearer ${server.clientKey.secret}` })).toBe(401);
});

test('streams are bounded by key and in all', async () => {
  const uri = await streamUri();
  await expect.poll(() => status(uri)).toBe(200);
  const held = [await open(uri), await open(uri)];
  const third = await open(uri);
  expect([third.response.statusCode, third.response.headers['retry-after']]).toEqual([429, '30']);
  held.push(await open(await streamUri(server.serverKey.secret)));
  expect(await status(await streamUri(server.serverKey.secret))).toBe(429);
  for (const one of held) await one.close();
  await expect.poll(() => status(uri)).toBe(200);
});

test('a stream ends with its key', async () => {
  const key = await server.makeKey('client');
  await server.delivery.poll();
  const uri = await streamUri(key.secret);
  const stream = await open(uri);
  expect(stream.response.statusCode).toBe(200);
  await server.api('DELETE', `/projects/shop/environments/production/keys/${key.id}`);
  await server.delivery.poll();
  await stream.ended;
  expect(await status(uri)).toBe(401);
});
