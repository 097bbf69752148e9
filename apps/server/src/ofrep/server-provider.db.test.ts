/** The official OFREP provider for Node.js, as it is published, against a whole server. */
import { OFREPProvider } from '@openfeature/ofrep-provider';
import { type Client, OpenFeature } from '@openfeature/server-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../testing/delivery-server.ts';

const ADA = { targetingKey: 'ada', plan: 'gold' };

let server: TestServer;
let client: Client;
beforeAll(async () => {
  server = await startTestServer();
  await server.createFlag('checkout');
  const change = {
    rules: [{ id: 'gold', when: { attribute: 'plan', op: 'equals', values: ['gold'] }, serve: { variant: 'on' } }],
  };
  await server.api('PATCH', '/projects/shop/flags/checkout/environments/production', change, { 'if-match': '"v1"' });
  await server.createFlag('limit', { type: 'number', variants: { few: 3 }, offVariant: 'few' });
  await server.createFlag('theme', { type: 'object', variants: { large: { size: 2.5 } }, offVariant: 'large' });
  await server.createFlag('silent', { offVariant: null });
  await server.unkill('checkout');
  await server.delivery.poll();
  await OpenFeature.setProviderAndWait(
    'ofrep',
    new OFREPProvider({ baseUrl: server.url, headers: headersOf(server.serverKey.secret) }),
  );
  client = OpenFeature.getClient('ofrep');
});
afterAll(async () => {
  await OpenFeature.close();
  await server.close();
});

const headersOf = (secret: string): [string, string][] => [['X-API-Key', secret]];

test('evaluates flags of every type, and follows a kill at once', async () => {
  const details = await client.getBooleanDetails('checkout', false, ADA);
  expect(details).toMatchObject({ value: true, variant: 'on', reason: 'TARGETING_MATCH', flagMetadata: { kind: 'operational' } });
  expect(await client.getNumberValue('limit', 0)).toBe(3);
  expect(await client.getObjectValue('theme', {})).toEqual({ size: 2.5 });
  await server.kill('checkout');
  await server.delivery.poll();
  expect(await client.getBooleanDetails('checkout', true, ADA)).toMatchObject({ value: false, reason: 'DISABLED' });
});

test('gives the code default where the server says so, for a flag that is not there and with a key that does not work', async () => {
  expect(await client.getBooleanValue('silent', true)).toBe(true);
  expect(await client.getBooleanDetails('nothing', true)).toMatchObject({ value: true, errorCode: 'FLAG_NOT_FOUND' });
  await OpenFeature.setProviderAndWait('refused', new OFREPProvider({ baseUrl: server.url, headers: headersOf('ys_unknown') }));
  expect(await OpenFeature.getClient('refused').getBooleanDetails('checkout', true)).toMatchObject({
    value: true,
    reason: 'ERROR',
  });
});
