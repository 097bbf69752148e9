import { setImmediate } from 'node:timers/promises';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { createReceiptShare } from './receipt-share.ts';
import type { ReadRow } from './receipt-store.ts';
import { EMPTY_PAGE, RECEIPTS_FORMAT, type ReplicaReceipts } from './receipts.ts';

const HEARTBEAT_MS = 3_000;
const KIND = { page: EMPTY_PAGE, polling: { readers: 0, applied: 0, rejected: 0 } };
const RECEIPTS: ReplicaReceipts = {
  format: RECEIPTS_FORMAT,
  epoch: '1-a',
  revision: 7,
  committedAtMs: 0,
  server: KIND,
  client: KIND,
};
const STREAMING = { ...RECEIPTS, server: { ...KIND, page: { ...EMPTY_PAGE, connected: 1 } } };
const POLLING = { ...RECEIPTS, client: { ...KIND, polling: { ...KIND.polling, readers: 1 } } };

/** A share over a store that is away whenever `world.away` says so, in a time that `pass` moves. */
function start(attended: readonly string[] = []) {
  const world = { nowMs: 0, away: false, hangs: false, swallowed: 0, answeringForMs: 60_000, rows: [] as ReadRow[] };
  const writes: { atMs: number; ids: readonly string[] }[] = [];
  const reads: (readonly string[])[] = [];
  const late: (() => void)[] = [];
  let timers: { atMs: number; run: () => void }[] = [];
  const at = (delayMs: number, run: () => void) => timers.push({ atMs: world.nowMs + delayMs, run });
  const share = createReceiptShare({
    store: {
      write: async (rows) => {
        writes.push({ atMs: world.nowMs, ids: rows.map(({ environmentId }) => environmentId).sort() });
        if (world.away) throw new Error('away');
        if (world.swallowed-- > 0) await new Promise<void>((resolve) => late.push(resolve));
      },
      readOthers: async (ids) => {
        reads.push(ids);
        if (world.hangs) await new Promise(() => undefined);
        if (world.away) throw new Error('away');
        return world.rows;
      },
      forget: async () => undefined,
    },
    own: () => RECEIPTS,
    attended: () => attended,
    heartbeatMs: HEARTBEAT_MS,
    answeringForMs: () => world.answeringForMs,
    timers: {
      repeat: (run, intervalMs) => {
        const again = () =>
          at(intervalMs, () => {
            again();
            run();
          });
        again();
        return () => undefined;
      },
      delay: (ms) => new Promise<void>((resolve) => at(ms, resolve)),
    },
    log: pino({ level: 'silent' }),
  });
  const pass = async (ms: number) => {
    const endMs = world.nowMs + ms;
    for (;;) {
      await setImmediate();
      const [next] = timers.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      timers = timers.filter((timer) => timer !== next);
      world.nowMs = next.atMs;
      next.run();
    }
    world.nowMs = endMs;
  };
  return { share, world, writes, reads, late, pass };
}

describe('createReceiptShare', () => {
  test('writes soon after the first receipt, and twice a second however many follow', async () => {
    const { share, writes, pass } = start();
    for (let tenths = 0; tenths < 20; tenths++) {
      for (let count = 0; count < 50; count++) share.note('one');
      share.note('two');
      await pass(100);
    }
    expect(writes[0]).toEqual({ atMs: 30, ids: ['one', 'two'] });
    expect(writes.length).toBeLessThanOrEqual(5);
    await pass(1_000);
    expect(writes.at(-1)?.atMs).toBeGreaterThan(1_900);
    const before = writes.length;
    await pass(10_000);
    expect(writes).toHaveLength(before);
  });

  test('writes each heartbeat where anybody is counted', async () => {
    const { writes, pass } = start(['one']);
    await pass(3 * HEARTBEAT_MS + 100);
    expect(writes.map(({ ids }) => ids)).toEqual([['one'], ['one'], ['one']]);
  });

  test('asks a database that is away once a heartbeat, and writes again when it is back', async () => {
    const { share, world, writes, pass } = start();
    world.away = true;
    for (let seconds = 0; seconds < 12; seconds++) {
      share.note('one');
      await pass(1_000);
    }
    expect(writes.length).toBeLessThanOrEqual(5);
    expect(await settle(share.others('one'), pass)).toEqual({ receipts: [], complete: false });
    world.away = false;
    await pass(HEARTBEAT_MS);
    expect(writes.at(-1)?.ids).toEqual(['one']);
    expect(await settle(share.others('one'), pass)).toEqual({ receipts: [], complete: true });
  });

  test('answers for itself when a read hangs, and reads once for everybody who asks meanwhile', async () => {
    const { share, world, reads, pass } = start();
    world.hangs = true;
    const asked = Promise.all(['one', 'two', 'one'].map((id) => share.others(id)));
    await pass(400);
    expect(await asked).toEqual(Array(3).fill({ receipts: [], complete: false }));
    expect(reads).toEqual([['one', 'two']]);
  });

  test('reads again when a read hung: that was of one connection', async () => {
    const { share, world, pass } = start();
    world.hangs = true;
    const hung = share.others('one');
    await pass(1_000);
    expect((await hung).complete).toBe(false);
    world.hangs = false;
    expect(await settle(share.others('one'), pass)).toEqual({ receipts: [], complete: true });
  });

  test('writes again before its row is late when a write hung, and once more when that one came after all', async () => {
    const { world, writes, late, pass } = start(['one']);
    await pass(HEARTBEAT_MS + 100);
    world.swallowed = 1;
    await pass(3 * HEARTBEAT_MS);
    const [before, swallowed, next] = writes.map(({ atMs }) => atMs) as [number, number, number];
    expect(swallowed).toBeGreaterThan(before);
    expect(next - before).toBeLessThan(2 * HEARTBEAT_MS);
    const count = writes.length;
    late[0]?.();
    await pass(1_000);
    expect(writes).toHaveLength(count + 1);
    expect(writes.at(-1)?.ids).toEqual(['one']);
  });

  test('writes what it could not, also where nobody is left', async () => {
    const { share, world, writes, pass } = start();
    world.away = true;
    share.note('one');
    await pass(100);
    world.away = false;
    await pass(1_000);
    expect(writes.map(({ ids }) => ids)).toEqual([['one'], ['one']]);
    await pass(10_000);
    expect(writes).toHaveLength(2);
  });

  test('misses a server after two heartbeats, and forgets it after three', async () => {
    const { share, world, pass } = start();
    const others = async (ageMs: number, receipts: ReplicaReceipts | null = STREAMING) => {
      world.rows = [{ environmentId: 'one', receipts, ageMs }];
      const { receipts: found, complete } = await settle(share.others('one'), pass);
      return [found.length, complete];
    };
    expect(await others(5_900)).toEqual([1, true]);
    expect(await others(6_100)).toEqual([1, false]);
    expect(await others(6_100, POLLING)).toEqual([1, false]);
    expect(await others(9_100)).toEqual([0, true]);
    expect(await others(100, null)).toEqual([0, false]);
    // Its last reader has left, and it writes no more rows about nobody.
    expect(await others(6_100, RECEIPTS)).toEqual([1, true]);
  });

  test('knows of all others only when the database has answered for two heartbeats: their rows may be gone with what it was before', async () => {
    const { share, world, pass } = start();
    world.answeringForMs = 5_900;
    expect(await settle(share.others('one'), pass)).toEqual({ receipts: [], complete: false });
    world.rows = [{ environmentId: 'one', receipts: STREAMING, ageMs: 100 }];
    expect(await settle(share.others('one'), pass)).toEqual({ receipts: [STREAMING], complete: false });
    world.answeringForMs = 6_000;
    expect(await settle(share.others('one'), pass)).toEqual({ receipts: [STREAMING], complete: true });
  });
});

async function settle<T>(answer: Promise<T>, pass: (ms: number) => Promise<void>): Promise<T> {
  await pass(1);
  return answer;
}
