import { afterEach, expect, it, vi } from 'vitest';
import { toChecked } from './options.ts';
import { browserTransport } from './platform.ts';
import { KEY } from './testing/page-client.ts';

afterEach(() => void vi.unstubAllGlobals());

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
