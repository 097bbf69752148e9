/** A history that cannot be read in time keeps the admin UI waiting, and nobody else. */
import { CLOSE, parseState, STATE_HEADER, type SyncState } from '@yardarm/sync';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { API_TOKEN, type Replica, startReplica, startTestServer, type TestServer } from '../testing/delivery-server.ts';

const HELD = 7;
/** Then the read ends by itself, and whoever waited for it goes on. */
const STATEMENT_TIMEOUT_MS = 5_000;

let server: TestServer;
let replica: Replica;
let held: Awaited<ReturnType<TestServer['database']['sql']['reserve']>>;
beforeAll(async () => {
  server = await startTestServer();
  await server.createFlag('checkout');
  replica = await startReplica(server.database);
  await server.database.sql.unsafe(`
    alter table changes rename to kept_changes;
    create function pass() returns boolean language plpgsql volatile as $$
    begin
      while current_setting('application_name') like 'yardarm test delivery %' and not pg_try_advisory_xact_lock_shared(${HELD}) loop
        perform pg_sleep(0.02);
      end loop;
      return true;
    end $$;
    create view changes as select * from kept_changes where pass()`);
  held = await server.database.sql.reserve();
});
afterAll(async () => {
  await held`select pg_advisory_unlock_all()`;
  held.release();
  await replica.close();
  await server.close();
});

const isHeld = async () =>
  (await server.database.sql`select 1 from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`)
    .length > 0;

test('while the replay of a stream waits, what another server commits arrives, and a key that it revokes ends', async () => {
  const { id, secret } = await server.makeKey('server');
  await replica.delivery.poll();
  const have = parseState((await server.ruleSet(secret)).headers.get(STATE_HEADER)) as SyncState;
  const revoked = await replica.connect(secret, have);
  const reader = await replica.connect(server.serverKey.secret, have);
  for (const { next } of [revoked, reader]) await next('welcome');

  await held`select pg_advisory_lock(${HELD})`;
  const stream = await fetch(`${replica.url}/api/v1/projects/shop/stream`, {
    headers: { authorization: `Bearer ${API_TOKEN}`, 'last-event-id': '0' },
  });
  await vi.waitUntil(isHeld);
  const beganMs = performance.now();
  // A look that began after the read: it would wait for it as well.
  await server.database.sql`select pg_notify('yardarm_change', '')`;
  const { revision } = await server.unkill('checkout');
  expect(await reader.next('delta')).toMatchObject({ to: revision });
  await server.api('DELETE', `/projects/shop/environments/production/keys/${id}`);
  expect(await revoked.closed).toMatchObject({ code: CLOSE.key });
  expect(await isHeld()).toBe(true);
  expect(performance.now() - beganMs).toBeLessThan(STATEMENT_TIMEOUT_MS - 1_000);

  await held`select pg_advisory_unlock_all()`;
  const body = (stream.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = '';
  while (!text.includes(`"revision":${revision},`)) text += decoder.decode((await body.read()).value, { stream: true });
  await body.cancel();
  reader.socket.close();
});
