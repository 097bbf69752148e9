import { ruleSetOf } from '@yardarm/sync/testing';
import { expect, it } from 'vitest';
import { soon, usePages } from './testing/page-client.ts';

const { serve, register } = usePages();

it('an app that has no JSON is told as text, and stands in nobody’s way', async () => {
  const server = await serve(ruleSetOf(1));
  const app = { name: 7n, version: Symbol('v1'), commit: null } as unknown as Record<string, string>;
  const { ready } = await register(server.url, { app });
  await ready;
  await soon(() => expect(server.received[0]).toMatchObject({ type: 'hello', app: { name: '7', version: 'Symbol(v1)' } }));
  await (await register(server.url, { app: null as unknown as Record<string, string> })).ready;
});
