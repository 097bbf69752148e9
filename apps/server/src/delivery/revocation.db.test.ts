/** Row 31 of the faults: a key is revoked at one of two servers while sockets of it are open at both. */
import { CLOSE, parseState, STATE_HEADER, type SyncState } from '@yardarm/sync';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startReplica, startTestServer, type TestServer } from '../testing/delivery-server.ts';

const READERS = 50;
const BAR_MS = 5_000;

let server: TestServer;
let replica: Awaited<ReturnType<typeof startReplica>>;
beforeAll(async () => {
  server = await startTestServer();
  await server.createFlag('checkout');
  replica = await startReplica(server.database);
});
afterAll(async () => {
  await replica.close();
  await server.close();
});

test('its sockets close at both within 5 s and are sent nothing of a change that is made at once, and it is let in nowhere', async () => {
  const { id, secret } = await server.makeKey('server');
  await Promise.all([server.delivery.poll(), replica.delivery.poll()]);
  const have = parseState((await server.ruleSet(secret)).headers.get(STATE_HEADER)) as SyncState;
  const servers = [server, replica];
  const readers = await Promise.all(
    servers.flatMap(({ connect }) => Array.from({ length: READERS }, () => connect(secret, have))),
  );
  const bystander = await replica.connect(server.serverKey.secret, have);
  for (const reader of [...readers, bystander]) await reader.next('welcome');

  const beganMs = performance.now();
  await server.api('DELETE', `/projects/shop/environments/production/keys/${id}`);
  const { revision } = await server.unkill('checkout');
  const closed = await Promise.all(readers.map((reader) => reader.closed));
  expect(performance.now() - beganMs).toBeLessThan(BAR_MS);
  expect(new Set(closed.map(({ code }) => code))).toEqual(new Set([CLOSE.key]));
  expect(await bystander.next('delta')).toMatchObject({ to: revision });
  expect(readers.flatMap((reader) => reader.types()).filter((type) => type !== 'welcome')).toEqual([]);

  for (const { url, connect } of servers) {
    const headers = { authorization: `Bearer ${secret}` };
    for (const path of ['ruleset', `ruleset?have=${have.epoch}.${have.revision}`, 'kills', `deltas/${have.epoch}/0..${revision}`])
      expect((await fetch(`${url}/sync/v1/${path}`, { headers })).status).toBe(401);
    const late = await connect(secret, have);
    expect(await late.closed).toMatchObject({ code: CLOSE.key });
    expect(late.frames).toEqual([]);
  }
  bystander.socket.close();
});
