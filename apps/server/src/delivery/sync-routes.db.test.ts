import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { parseState, STATE_HEADER } from '@yardarm/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../testing/delivery-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.delivery.poll();
});
afterAll(() => server.close());

async function postReceipt(): Promise<number> {
  const applied = parseState((await server.ruleSet(server.serverKey.secret)).headers.get(STATE_HEADER));
  const { status } = await fetch(`${server.url}/sync/v1/applied`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.serverKey.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ instance: 'one', sdk: 'test/1', app: {}, applied }),
  });
  return status;
}

/** As many connections, each with this request on it. */
function open(count: number, request: readonly string[]) {
  const { hostname, port } = new URL(server.url);
  return Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      socket.write(request.join('\r\n'));
      return socket;
    }),
  );
}

describe('requests that wait for an answer', () => {
  test('take no place while they are half sent without a key, nor when they are gone', async () => {
    const half = ['POST /sync/v1/applied HTTP/1.1', 'Host: x', 'Content-Type: application/json', 'Content-Length: 9', '', '{'];
    const sockets = await open(1_000, half);
    await delay(500);
    expect(await postReceipt()).toBe(204);
    for (const socket of sockets) socket.destroy();
    await delay(500);
    expect(await postReceipt()).toBe(204);
    expect((await fetch(`${server.url}/sync/v1/ruleset`, { method: 'OPTIONS' })).status).toBe(204);
  });
});
