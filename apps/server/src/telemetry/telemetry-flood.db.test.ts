import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { TELEMETRY_PATH } from '@yardarm/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../testing/delivery-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const requestOf = (instance: string) => {
  const body = JSON.stringify({ instance, seq: 1, from: 0, to: 0, counts: [], lost: 0 });
  const head = [`POST ${TELEMETRY_PATH} HTTP/1.1`, 'Host: localhost', `Authorization: Bearer ${server.clientKey.secret}`];
  return [...head, 'Content-Type: application/json', `Content-Length: ${body.length}`, '', body].join('\r\n');
};

/** What one connection was answered, and after how long, milliseconds. */
async function send(text: string): Promise<{ readonly answers: string; readonly ms: number }> {
  const startedMs = performance.now();
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  let answers = '';
  socket.on('data', (chunk) => {
    answers += chunk;
  });
  socket.write(text);
  // Not `once`: a connection that is cut with something unread closes with an error.
  await Promise.race([new Promise((resolve) => socket.on('close', resolve)), delay(8_000)]);
  socket.destroy();
  return { answers, ms: performance.now() - startedMs };
}

describe('a flood of telemetry', () => {
  it('is held for a second or more, told when to come back, and takes nothing from rules or from server keys', async () => {
    const flood = Promise.all(Array.from({ length: 600 }, (_, index) => send(requestOf(`flood ${index}`))));
    await delay(200);
    const askedMs = performance.now();
    expect((await server.ruleSet(server.serverKey.secret)).status).toBe(200);
    expect(performance.now() - askedMs).toBeLessThan(500);
    const refused = (await flood).filter(({ answers }) => answers.startsWith('HTTP/1.1 429'));
    expect(refused.length).toBeGreaterThan(100);
    expect(Math.min(...refused.map(({ ms }) => ms))).toBeGreaterThan(990);
    expect(refused[0]?.answers).toMatch(/retry-after: \d+\r\n/i);
    expect(refused[0]?.answers).toContain('"code":"rate_limited"');
  });

  it('that waits for no answer is answered once for each connection, whatever it sends', async () => {
    await delay(1_000);
    const { answers } = await send(requestOf('pipelined').repeat(2_000));
    expect([...answers.matchAll(/HTTP\/1\.1 \d+/g)].map(([line]) => line)).toEqual(['HTTP/1.1 204']);
  });
});
