import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { toChecked } from './options.ts';
import { browserTransport } from './platform.ts';
import { KEY } from './testing/page-client.ts';

const servers: Server[] = [];
afterEach(() => {
  vi.unstubAllGlobals();
  for (const server of servers.splice(0)) server.close();
});

async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it('lets no redirect carry the key elsewhere (I14)', async () => {
  const asked: string[] = [];
  const elsewhere = await listen((request, response) => {
    asked.push(request.headers.authorization ?? 'without key');
    response.end();
  });
  const url = await listen((_, response) => void response.writeHead(307, { Location: elsewhere }).end());
  const { fetchRuleSet, fetchDelta, fetchKills } = browserTransport(toChecked({ url, key: KEY }));
  const delta = '/sync/v1/deltas/1000-a/1..2';
  expect(await Promise.all([fetchRuleSet(null), fetchDelta(delta)])).toMatchObject([{ kind: 'failed' }, { kind: 'failed' }]);
  expect(await fetchKills()).toBeNull();
  expect(asked).toEqual([]);
});

it('asks the browser to let counts outlive the page by their bytes, of which a character may have three', async () => {
  const sent: { readonly body: BodyInit; readonly keepalive: boolean }[] = [];
  vi.stubGlobal('fetch', async (_: string, options: { body: BodyInit; keepalive: boolean }) => {
    sent.push(options);
    return new Response(null, { status: 204 });
  });
  const { sendTelemetry } = browserTransport(toChecked({ url: 'http://127.0.0.1:1', key: KEY }));
  const report = { instance: 'i', sdk: 's', app: {}, seq: 1, from: 0, to: 1, sentAt: 1, lost: 0 };
  for (const length of [100, 300]) {
    const flag = '旗'.repeat(100);
    await sendTelemetry({ ...report, counts: [], skipped: Array.from({ length }, () => ({ flag, rule: 'r', attribute: 'a' })) });
  }
  expect(sent.map(({ keepalive }) => keepalive)).toEqual([true, false]);
  expect(new TextDecoder().decode(sent[0]?.body as Uint8Array)).toContain('旗');
});
