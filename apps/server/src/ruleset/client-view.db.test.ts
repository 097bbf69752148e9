/** What browsers may see, from the write that is refused to the answer to a client key. */
import type { ClientViewReport, Flag } from '@yardarm/contract';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Delivery, startDelivery } from '../delivery/start-delivery.ts';
import { makeFlag, makeProject, makeSegment } from '../testing/fixtures.ts';
import { refusal, type TestApp, testApp } from '../testing/test-app.ts';

let server: TestApp;
let delivery: Delivery;
let clientKey: string;
beforeAll(async () => {
  server = await testApp(async ({ db, sql, url }) => {
    delivery = await startDelivery({ db, sql, listenUrl: url, log: pino({ level: 'silent' }), now: Date.now });
    return { delivery };
  });
  await makeProject(server, 'web');
  await server.must('PUT', '/projects/web/attributes/email', { body: { type: 'string', sensitive: true } });
  await makeFlag(server, 'web', 'checkout', { clientSide: true });
  await makeFlag(server, 'web', 'backend');
  ({ secret: clientKey } = await server.must<{ secret: string }>('POST', '/projects/web/environments/production/keys', {
    body: { kind: 'client', name: 'page' },
  }));
});
afterAll(() => server.close());

type Versioned = Pick<Flag, 'version'>;
const inProduction = (flag: string) => `/projects/web/flags/${flag}/environments/production`;
const ruleOn = (attribute: string, op: string, ...values: unknown[]) => ({
  rules: [{ id: 'r1', when: { attribute, op, values }, serve: { variant: 'on' } }],
});
async function configure(flag: string, body: object) {
  const { version } = await server.must<Versioned>('GET', inProduction(flag));
  return server.call('PATCH', inProduction(flag), { body, headers: { 'if-match': `"v${version}"` } });
}
async function seenByBrowsers(): Promise<string> {
  await delivery.poll();
  const headers = { authorization: `Bearer ${clientKey}` };
  return (await server.app.inject({ url: '/sync/v1/ruleset', headers })).body;
}

describe('a sensitive attribute', () => {
  it('is compared whole in flags for browsers, and its values travel as hashes', async () => {
    expect((await configure('checkout', ruleOn('email', 'in', 'ada@acme.example'))).statusCode).toBe(200);
    const seen = await seenByBrowsers();
    expect(seen).toContain('"attribute":"email"');
    expect(seen).not.toContain('acme');
  });

  it('is refused in any other comparison, at its place, and so is a flag that would bring one to browsers', async () => {
    const refused = await configure('checkout', ruleOn('email', 'ends_with', '@acme.example'));
    expect(refusal(refused)).toEqual({ status: 400, code: 'validation_failed' });
    expect(refused.json().error.details).toMatchObject([{ path: 'rules[0].when', code: 'sensitive_condition' }]);

    expect((await configure('backend', ruleOn('email', 'ends_with', '@acme.example'))).statusCode).toBe(200);
    const { version } = await server.must<Versioned>('GET', '/projects/web/flags/backend');
    const opened = await server.call('PATCH', '/projects/web/flags/backend', {
      body: { clientSide: true },
      headers: { 'if-match': `"v${version}"` },
    });
    expect(opened.json().error.details).toMatchObject([{ code: 'sensitive_condition' }]);
  });

  it('is refused in a segment that such a flag uses', async () => {
    await makeSegment(server, 'web', 'staff');
    expect(
      (await configure('checkout', { rules: [{ id: 'r1', when: { segment: 'staff' }, serve: { variant: 'on' } }] })).statusCode,
    ).toBe(200);
    const path = '/projects/web/segments/staff/environments/production';
    const { version } = await server.must<Versioned>('GET', path);
    const when = { attribute: 'email', op: 'ends_with', values: ['@acme.example'] };
    const refused = await server.call('PATCH', path, { body: { when }, headers: { 'if-match': `"v${version}"` } });
    expect(refused.json().error.details).toMatchObject([{ path: 'when', code: 'sensitive_condition' }]);
  });

  it('cannot be declared so while browsers can read what it is compared with', async () => {
    expect((await configure('checkout', ruleOn('phone', 'starts_with', '+49'))).statusCode).toBe(200);
    const path = '/projects/web/attributes/phone';
    const declared = await server.call('PUT', path, { body: { type: 'string', sensitive: true } });
    expect(refusal(declared)).toEqual({ status: 409, code: 'conflict' });
    expect(declared.json().error.details).toMatchObject([
      { path: 'environments/production/flags/checkout/rules/0/when', code: 'sensitive_condition' },
    ]);
    expect((await server.call('PUT', path, { body: { type: 'string' } })).statusCode).toBeLessThan(300);
  });
});

describe('what browsers can read', () => {
  it('is told to whoever writes it, and listed for the environment', async () => {
    const answer = await configure('checkout', ruleOn('ip', 'ip_in_range', '203.0.113.7/32'));
    const exposed = { code: 'personal_values', path: '/flags/checkout/rules/0/when' };
    expect(answer.json().exposes).toMatchObject([exposed]);
    await delivery.poll();
    const report = await server.must<ClientViewReport>('GET', '/projects/web/environments/production/client-view');
    expect(report).toMatchObject({ environment: 'production', flags: ['checkout'], maxBytes: 524_288, exposes: [exposed] });
    expect(report.bytes).toBe(Buffer.byteLength(await seenByBrowsers()));
    expect((await configure('checkout', ruleOn('country', 'in', 'de'))).json()).not.toHaveProperty('exposes');
  });

  it('is 512 KiB at most', async () => {
    const keys = Array.from({ length: 30_000 }, (_, index) => `u${index}`);
    await makeSegment(server, 'web', 'crowd');
    await configure('checkout', { rules: [{ id: 'r1', when: { segment: 'crowd' }, serve: { variant: 'on' } }] });
    const path = '/projects/web/segments/crowd/environments/production';
    const { version } = await server.must<Versioned>('GET', path);
    const refused = await server.call('PATCH', path, { body: { include: keys }, headers: { 'if-match': `"v${version}"` } });
    expect(refusal(refused)).toEqual({ status: 400, code: 'validation_failed' });
    expect(refused.json().error.message).toMatch(/^The rule set has \d{6} bytes for browsers; 524288 are allowed\.$/);
  });
});
