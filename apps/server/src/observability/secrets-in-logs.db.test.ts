/** Uses every kind of secret, in every way that fails and that works, and looks for each in every line of the log. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeFlag, makeProject } from '../testing/fixtures.ts';
import { choosePassword, cookieOf, freshAddress, OWN_PAGE, signInWith } from '../testing/people.ts';
import { type TestApp, testApp } from '../testing/test-app.ts';
import { createLogger } from './logger.ts';

const METRICS_TOKEN = 'canary-metrics-token';
const PASSWORD = 'canary lamp in the harbour';
const WRONG_PASSWORD = 'canary wrong lamp harbour';

let server: TestApp;
const lines: string[] = [];
beforeAll(async () => {
  const log = createLogger({ write: (line) => lines.push(line) });
  log.level = 'trace';
  server = await testApp({ log, metricsToken: METRICS_TOKEN });
});
afterAll(() => server.close());

it('secrets in logs: none, of passwords, links, sessions, tokens and keys, whatever works or fails', async () => {
  await makeProject(server, 'web');
  await makeFlag(server, 'web', 'checkout');
  const secrets = new Set([METRICS_TOKEN, PASSWORD, WRONG_PASSWORD]);
  const made = async (path: string, body: object) => {
    const { secret, id } = await server.must<{ secret: string; id: string }>('POST', path, { body });
    secrets.add(secret);
    return { secret, id };
  };
  const invite = await made('/users', { name: 'ada', grants: [{ role: 'admin' }] });
  const cookie = cookieOf(await choosePassword(server, invite.secret, PASSWORD));
  secrets.add(cookie.split('=')[1] ?? '');
  const reset = await made(`/users/${invite.id}/reset`, {});
  const token = await made('/tokens', { name: 'ci', grants: [{ role: 'admin' }] });
  const key = await made('/projects/web/environments/production/keys', { kind: 'server', name: 'shop' });
  expect(secrets.size).toBe(8);

  await signInWith(server, 'ada', WRONG_PASSWORD);
  await signInWith(server, PASSWORD, 'a password in the field of the name');
  secrets.add(cookieOf(await signInWith(server, 'ada', PASSWORD)).split('=')[1] ?? '');
  await server.app.inject({ url: '/metrics', headers: { authorization: `Bearer ${METRICS_TOKEN}` } });
  const send = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object | string) =>
    server.app.inject({
      method,
      url,
      remoteAddress: freshAddress(),
      headers: { authorization: `Bearer ${token.secret}`, cookie, ...OWN_PAGE, 'content-type': 'application/json' },
      ...(payload !== undefined && { payload }),
    });
  // Malformed in every way, with secrets where they do not belong.
  await send('POST', '/api/v1/session', { token: reset.secret, extra: PASSWORD });
  await send('POST', '/api/v1/session', `{"token": "${reset.secret}`);
  await send('POST', '/api/v1/password', { token: reset.secret, password: 'short' });
  await send('PATCH', '/api/v1/password', { current: PASSWORD, password: WRONG_PASSWORD });
  await send('GET', `/api/v1/projects/${key.secret}/flags?token=${token.secret}`);
  await send('GET', `/nowhere/${token.secret}?cookie=${cookie}`);
  await send('DELETE', `/api/v1/tokens/${token.secret}`);
  await send('POST', '/api/v1/projects/web/flags/checkout/environments/production/kill', { reason: 'x'.repeat(2_000) });

  // The server's own failures are logged with their causes: the statement may not bring its parameters along.
  await server.sql`alter table users rename column password_hash to password_gone`;
  expect((await signInWith(server, 'ada', PASSWORD)).statusCode).toBe(500);
  expect((await choosePassword(server, reset.secret, PASSWORD)).statusCode).toBe(500);
  await server.sql`alter table users rename column password_gone to password_hash`;
  // This one fails in the statement that carries the new hash.
  await server.sql`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'refused'; end $$`;
  await server.sql`create trigger refuse before update on users for each row execute function refuse()`;
  expect((await choosePassword(server, reset.secret, PASSWORD)).statusCode).toBe(500);
  await server.sql`drop trigger refuse on users`;
  await server.sql`alter table sessions rename to sessions_gone`;
  expect((await server.call('GET', '/session', { token: null, headers: { cookie } })).statusCode).toBe(500);
  await server.sql`alter table sessions_gone rename to sessions`;

  expect(lines.filter((line) => line.includes('request failed')).length).toBeGreaterThanOrEqual(4);
  for (const secret of secrets) expect(lines.filter((line) => line.includes(secret))).toEqual([]);
  expect(lines.filter((line) => /argon2id|Bearer /.test(line))).toEqual([]);
});
