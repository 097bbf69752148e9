import type { Webhook } from '@yardarm/contract';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeFlag, makeProject } from '../testing/fixtures.ts';
import { readRecord, refusal, type TestApp, testApp } from '../testing/test-app.ts';

const path = '/projects/web/webhooks';
const URL_WITH_SECRET = 'http://127.0.0.1:9/services/path-that-is-a-secret';
let server: TestApp;
let made: Webhook;
beforeAll(async () => {
  server = await testApp();
  await makeProject(server, 'web', ['production', 'staging']);
  await makeProject(server, 'other');
});
afterAll(() => server.close());

const queued = async () =>
  (await server.sql`select s.command from webhook_deliveries d join change_sets s on s.id = d.change_set_id order by d.id`).map(
    ({ command }) => command,
  );

it('asks strangers to sign in', async () => {
  const id = '1b671a64-40d5-491e-99b0-da01ff1f3341';
  for (const [method, url] of [
    ['GET', path],
    ['POST', path],
    ['GET', `${path}/${id}`],
    ['PATCH', `${path}/${id}`],
    ['DELETE', `${path}/${id}`],
    ['GET', `${path}/${id}/deliveries`],
    ['POST', `${path}/${id}/deliveries/1/send-again`],
    ['POST', `${path}/${id}/test`],
  ] as const)
    expect(refusal(await server.call(method, url, { token: null }))).toEqual({ status: 401, code: 'unauthenticated' });
});

it('is refused where it would wait for what does not exist, with the nearest that does', async () => {
  const body = { name: 'Chat', url: URL_WITH_SECRET, commands: ['flag.kil', 'flag.kill'], environments: ['prod'] };
  const response = await server.call('POST', path, { body });
  expect(refusal(response)).toEqual({ status: 422, code: 'invalid_reference' });
  expect(response.json().error.details).toEqual([
    { path: 'commands[0]', message: "'flag.kil' is no command. Did you mean 'flag.kill'?" },
    { path: 'environments[0]', message: expect.stringMatching(/^'prod' is no environment of project /) },
  ]);
});

it('shows the secret once, stores it encrypted, and keeps it and the path of the address out of the history', async () => {
  const body = {
    name: 'Chat',
    url: URL_WITH_SECRET,
    commands: ['flag.kill', 'flag.unkill'],
    environments: ['production'],
    reason: 'On call',
  };
  const response = await server.call('POST', path, { body });
  expect(response.statusCode).toBe(201);
  expect(response.headers['cache-control']).toBe('no-store');
  made = response.json<Webhook>();
  expect(made.secret).toMatch(/^yh_[\w-]{49}$/);
  const stored = JSON.stringify([await server.sql`select * from webhooks`, (await readRecord(server)).changes]);
  expect(stored).not.toContain(made.secret);
  const { changes } = await readRecord(server);
  expect(changes.at(-1)).toMatchObject({
    command: 'webhook.create',
    kind: 'webhook',
    key: made.id,
    after: { target: 'http://127.0.0.1:9' },
    reason: 'On call',
  });
  expect(JSON.stringify(changes)).not.toContain('path-that-is-a-secret');
  expect(await server.must('GET', path)).toEqual({ items: [{ ...made, secret: undefined }], next: null });
});

it('SSRF: is refused on save where it would be refused on send', async () => {
  for (const url of [
    'http://169.254.169.254/latest',
    'http://[::1]/',
    'http://10.0.0.1/',
    'https://1.1.1.1:8443/',
    'ftp://example.com/',
    'nonsense',
  ]) {
    const response = await server.call('POST', path, { body: { name: 'x', url } });
    expect([url, refusal(response)]).toEqual([url, { status: 400, code: 'validation_failed' }]);
    expect(response.json().error.details[0].path).toBe('url');
    const edit = await server.call('PATCH', `${path}/${made.id}`, { body: { url }, headers: { 'if-match': '"v1"' } });
    expect([url, refusal(edit).status]).toEqual([url, 400]);
  }
});

it('is told in the same transaction of the commands and environments that it asked for, and of no other', async () => {
  await makeFlag(server, 'web', 'checkout');
  await makeFlag(server, 'other', 'checkout');
  for (const environment of ['production', 'staging'])
    await server.must('POST', `/projects/web/flags/checkout/environments/${environment}/unkill`);
  await server.must('POST', '/projects/other/flags/checkout/environments/production/unkill');
  expect(await queued()).toEqual(['flag.unkill']);
  // Nothing changes, so nobody is told.
  await server.must('POST', '/projects/web/flags/checkout/environments/production/unkill');
  expect(await queued()).toEqual(['flag.unkill']);
  const { items } = await server.must<{ items: unknown[] }>('GET', `${path}/${made.id}/deliveries`);
  expect(items).toMatchObject([{ command: 'flag.unkill', state: 'waiting', attempts: 0, lastError: null }]);
});

it('is sent again what it was told, as a delivery of its own, and nothing that another webhook was told', async () => {
  interface Listed {
    readonly items: readonly { readonly id: number; readonly changeSet: string }[];
  }
  const list = async () => (await server.must<Listed>('GET', `${path}/${made.id}/deliveries`)).items;
  const [first] = await list();
  await server.sql`update webhook_deliveries set due_at = null, attempts = 11, last_error = 'Too late.', created_at = now() - interval '2 days'`;
  const again = await server.call('POST', `${path}/${made.id}/deliveries/${first?.id}/send-again`);
  expect(again.statusCode).toBe(201);
  expect(again.json()).toMatchObject({ changeSet: first?.changeSet, command: 'flag.unkill', state: 'waiting', attempts: 0 });
  expect((await list()).map(({ changeSet }) => changeSet)).toEqual([first?.changeSet, first?.changeSet]);
  const other = await server.must<Webhook>('POST', path, { body: { name: 'Other', url: URL_WITH_SECRET } });
  expect(refusal(await server.call('POST', `${path}/${other.id}/deliveries/${first?.id}/send-again`))).toEqual({
    status: 404,
    code: 'not_found',
  });
  await server.call('DELETE', `${path}/${other.id}`, { headers: { 'if-match': '"v1"' } });
});

it('is edited with a version and deleted with what it was still to be told', async () => {
  const edit = (version: number, body: object) =>
    server.call('PATCH', `${path}/${made.id}`, { body, headers: { 'if-match': `"v${version}"` } });
  expect(refusal(await server.call('PATCH', `${path}/${made.id}`, { body: { name: 'x' } })).code).toBe('precondition_required');
  await server.sql`update webhooks set failures = 9, paused_until = now() + interval '1 hour'`;
  const response = await edit(1, { commands: [], enabled: false });
  expect(response.headers.etag).toBe('"v2"');
  expect(response.json()).toMatchObject({ commands: [], enabled: false, failures: 0, pausedUntil: null });
  expect(refusal(await edit(1, { name: 'x' })).code).toBe('stale_version');
  const before = await queued();
  await server.must('POST', '/projects/web/flags/checkout/environments/production/kill');
  expect(await queued()).toEqual(before);
  expect(
    refusal(await server.call('DELETE', `/projects/other/webhooks/${made.id}`, { headers: { 'if-match': '"v2"' } })).code,
  ).toBe('not_found');
  expect((await server.call('DELETE', `${path}/${made.id}`, { headers: { 'if-match': '"v2"' } })).statusCode).toBe(204);
  expect(await queued()).toEqual([]);
  expect((await readRecord(server)).changes.at(-1)).toMatchObject({ command: 'webhook.delete', after: null });
});
