/** Writes that are given up while they are under way: what was answered as not made is never made, wherever it was. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { mintSecret } from '../auth/secrets.ts';
import { createPool, type Pool } from '../db/client.ts';
import { passGate } from '../governance/gate.ts';
import { makeFlag, makeProject } from '../testing/fixtures.ts';
import { type TestApp, testApp } from '../testing/test-app.ts';
import { startWatchedProxy, type WatchedProxy } from '../testing/watched-proxy.ts';
import { type Attempt, startAttempt, withdraw } from './attempt.ts';
import { runCommand } from './run-command.ts';

/** Longer than the test: what is given up here is given up by hand. */
const LONG_MS = 60_000;
/** Covers a kill up to its COMMIT on a busy machine. */
const SHORT_MS = 3_000;
const POLL = { timeout: 10_000, interval: 5 };
const NOT_MADE = { code: 'unavailable', message: expect.stringContaining('nothing will be') };
const UNKNOWN = { code: 'outcome_unknown' };

let server: TestApp;
beforeAll(async () => {
  server = await testApp();
});
afterAll(() => server.close());

const pools: Pool[] = [];
const proxies: WatchedProxy[] = [];
afterAll(async () => {
  await Promise.all(pools.map(({ sql }) => sql.end({ timeout: 0 })));
  await Promise.all(proxies.map(({ close }) => close()));
});

/** Kills go over one connection of their own, which a proxy looks at; `project` has a flag `checkout` that is on. */
async function rig(project: string, look: Parameters<typeof startWatchedProxy>[1] = () => undefined) {
  await makeProject(server, project);
  await makeFlag(server, project, 'checkout');
  const proxy = await startWatchedProxy(server.url, look);
  proxies.push(proxy);
  const pool = createPool({ url: proxy.url, applicationName: project, maxConnections: 1, log: pino({ level: 'silent' }) });
  pools.push(pool);
  const path = `/projects/${project}/flags/checkout/environments/production`;
  const switchTo =
    (verb: 'kill' | 'unkill') =>
    (attempt: Attempt, requestId: string, idempotencyKey: string | null, db = pool.db) => {
      const target = { project, flag: 'checkout', environment: 'production' };
      const grants = [{ role: 'admin' as const, actions: [], project: null, environment: null }];
      const actor = { kind: 'token' as const, id: 'on-call', name: 'on call', breakGlass: false };
      const { grant } = passGate({
        ...{ actor, grants, requestId, idempotencyKey },
        command: { type: `flag.${verb}` as const, target, input: {} },
      });
      return runCommand({ db, now: Date.now, mintSecret, attempt }, grant);
    };
  const kill = switchTo('kill');
  const unkill = switchTo('unkill');
  await unkill(startAttempt(), randomUUID(), null);
  return {
    pool,
    unkill,
    kill: (attempt: Attempt, { requestId = randomUUID() as string, key = null as string | null, db = pool.db } = {}) => {
      const answer = kill(attempt, requestId, key, db);
      // Asked for later.
      answer.catch(() => undefined);
      return answer;
    },
    isOn: async () => (await server.must<{ on: boolean }>('GET', path)).on,
    wasMade: async (requestId: string) =>
      (await server.sql`select 1 from change_sets where request_id = ${requestId}`).length > 0,
    holdHead: async () => {
      const held = await server.sql.reserve();
      await held`begin`;
      await held`select from environment_heads h join environments e on e.id = h.environment_id
        join projects p on p.id = e.project_id where p.key = ${project} for update of h`;
      return async () => {
        await held`rollback`;
        held.release();
      };
    },
    isBlocked: async () => {
      const blocked =
        await server.sql`select 1 from pg_stat_activity where application_name like ${`${project} %`} and wait_event_type = 'Lock'`;
      return blocked.length > 0;
    },
  };
}

describe('a kill that is given up', () => {
  it('while it waits for a connection is not made when it gets one', async () => {
    const { pool, kill, isOn } = await rig('connection');
    const busy = await pool.sql.reserve();
    const attempt = startAttempt(LONG_MS);
    const answer = kill(attempt);
    await sleep(0);
    expect(withdraw(attempt)).toBe(true);
    busy.release();
    await expect(answer).rejects.toMatchObject(NOT_MADE);
    expect(await isOn()).toBe(true);
  });

  it('while it waits for its lock is not made when the lock is free, nor is the unkill that was given up behind it', async () => {
    const { kill, unkill, isOn, holdHead, isBlocked, pool } = await rig('lock');
    const letGo = await holdHead();
    const [first, second] = [startAttempt(LONG_MS), startAttempt(LONG_MS)];
    const answer = kill(first);
    await vi.waitFor(async () => expect(await isBlocked()).toBe(true), POLL);
    const after = unkill(second, randomUUID(), null);
    after.catch(() => undefined);
    expect([withdraw(first), withdraw(second)]).toEqual([true, true]);
    await letGo();
    await expect(answer).rejects.toMatchObject(NOT_MADE);
    await expect(after).rejects.toMatchObject(NOT_MADE);
    expect(await isOn()).toBe(true);
    // What comes behind it finds the connection in order.
    await pool.sql`select 1`;
    await kill(startAttempt(LONG_MS));
    expect(await isOn()).toBe(false);
  });

  it('sends none of its other statements, and gives its connection and its locks back at once', async () => {
    const sent: string[] = [];
    const { kill, holdHead, isBlocked } = await rig('rest', (to, packet) => {
      if (to === 'database') sent.push(packet.toString('latin1'));
    });
    const letGo = await holdHead();
    const attempt = startAttempt(LONG_MS);
    const answer = kill(attempt);
    await vi.waitFor(async () => expect(await isBlocked()).toBe(true), POLL);
    sent.length = 0;
    withdraw(attempt);
    await letGo();
    await expect(answer).rejects.toMatchObject(NOT_MADE);
    expect(sent).toEqual([expect.stringContaining('rollback')]);
  });

  it('by nobody, because whoever waited went away, is not made after its time either', async () => {
    const { kill, isOn, holdHead, isBlocked } = await rig('gone');
    const letGo = await holdHead();
    const attempt: { -readonly [K in keyof Attempt]: Attempt[K] } = startAttempt(LONG_MS);
    const answer = kill(attempt);
    await vi.waitFor(async () => expect(await isBlocked()).toBe(true), POLL);
    attempt.endsAtMs = performance.now();
    await letGo();
    await expect(answer).rejects.toMatchObject(NOT_MADE);
    expect(await isOn()).toBe(true);
  });

  it('at any packet of its way is made if and only if it was not answered as not made', async () => {
    let onPacket: () => void = () => undefined;
    const { kill, unkill, isOn, wasMade } = await rig('packets', () => onPacket());
    const outcomes: string[] = [];
    // One further each time, until it was given up after the last.
    for (let at = 1, isEarly = true; isEarly; at += 1) {
      const attempt = startAttempt(LONG_MS);
      const requestId = randomUUID();
      let packets = 0;
      const told: string[] = [];
      onPacket = () => {
        packets += 1;
        if (packets === at) told.push(withdraw(attempt) ? 'not made' : 'unknown');
      };
      const answered = await kill(attempt, { requestId }).then(
        () => 'made',
        ({ code }: { code: string }) => code,
      );
      onPacket = () => undefined;
      const made = await wasMade(requestId);
      expect([at, answered]).toEqual([at, made ? 'made' : 'unavailable']);
      expect([at, told, made]).toEqual([at, told, !told.includes('not made')]);
      expect(await isOn()).toBe(!made);
      if (made) await unkill(startAttempt(), randomUUID(), null);
      outcomes.push(...told);
      isEarly = packets >= at;
    }
    // BEGIN, its first statements, and the answers to both; how many more there are is the network's business.
    expect(outcomes.slice(0, 4)).toEqual(['not made', 'not made', 'not made', 'not made']);
  });
});

describe('a COMMIT', () => {
  /** Keeps the first packet that says so, and all behind it, until `letPass`. */
  function keeping(to: 'database' | 'client', text: string) {
    const armed = { is: false };
    let letPass: () => void = () => undefined;
    const freed = new Promise<void>((resolve) => {
      letPass = resolve;
    });
    let keep: () => void = () => undefined;
    const kept = new Promise<void>((resolve) => {
      keep = resolve;
    });
    const look = async (direction: string, packet: Buffer) => {
      if (!armed.is || direction !== to || !packet.includes(text)) return;
      keep();
      await freed;
    };
    return { look, armed, kept, letPass };
  }

  it('that reaches the database only after its time is rolled back', async () => {
    const { look, armed, kept, letPass } = keeping('database', 'values (1 / ');
    const { kill, isOn } = await rig('late', look);
    armed.is = true;
    const attempt = startAttempt(SHORT_MS);
    const answer = kill(attempt);
    await kept;
    // It may be there, so that nobody can say.
    expect(withdraw(attempt)).toBe(false);
    await sleep(attempt.endsAtMs - performance.now() + 10);
    letPass();
    await expect(answer).rejects.toMatchObject(NOT_MADE);
    expect(await isOn()).toBe(true);
  });

  it('whose answer is lost has an unknown outcome, and the same Idempotency-Key tells what it was', async () => {
    const { look, armed, kept, letPass } = keeping('client', 'COMMIT\0');
    const { kill, isOn, wasMade, pool } = await rig('lost', look);
    armed.is = true;
    const attempt = startAttempt(LONG_MS);
    const requestId = randomUUID();
    const answer = kill(attempt, { requestId, key: 'tonight' });
    await kept;
    expect(withdraw(attempt)).toBe(false);
    armed.is = false;
    await pool.sql.end({ timeout: 0 });
    await expect(answer).rejects.toMatchObject(UNKNOWN);
    letPass();
    expect([await wasMade(requestId), await isOn()]).toEqual([true, false]);

    const again = { requestId: randomUUID(), key: 'tonight', db: server.db };
    expect(await kill(startAttempt(LONG_MS), again)).toMatchObject({ flag: { on: false } });
    expect(await wasMade(again.requestId)).toBe(false);
  });
});
