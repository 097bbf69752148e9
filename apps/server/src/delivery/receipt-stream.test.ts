import { setImmediate } from 'node:timers/promises';
import type { Receipts } from '@yardarm/contract';
import { describe, expect, test } from 'vitest';
import type { ServedEnvironment } from '../ruleset/cache.ts';
import { createReceiptStream } from './receipt-stream.ts';

const SERVED = { rules: { project: 'shop', environment: 'production' } } as ServedEnvironment;

/** Time passes when `pass` says so. */
function start() {
  const told: number[] = [];
  const sleepers: (() => void)[] = [];
  const world = { applied: 0, heardAt: 0, listens: true, reads: 0, nowMs: 0 };
  const stream = createReceiptStream({
    environment: () => SERVED,
    read: async () => {
      world.reads++;
      const laggards = [{ instance: 'late', heardAt: String(world.heardAt) }];
      return { server: { applied: world.applied }, laggards } as unknown as Receipts;
    },
    isHeard: () => world.listens,
    tell: (_project, { server }) => told.push(server.applied),
    delay: (ms) =>
      new Promise<void>((resolve) => {
        sleepers.push(() => {
          world.nowMs += ms;
          resolve();
        });
      }),
  });
  /** The next look, if there is one. */
  const pass = async () => {
    sleepers.shift()?.();
    await setImmediate();
  };
  return { stream, told, world, pass, isFollowed: () => sleepers.length > 0 };
}

describe('createReceiptStream', () => {
  test('tells what has moved, and nothing when only time has', async () => {
    const { stream, told, world, pass } = start();
    stream.advance('one');
    await pass();
    world.heardAt = 1;
    await pass();
    world.applied = 3;
    await pass();
    expect(told).toEqual([0, 3]);
    expect(world.nowMs).toBeLessThanOrEqual(60 + 2 * 250);
  });

  test('looks for nobody', async () => {
    const { stream, told, world, pass } = start();
    world.listens = false;
    stream.advance('one');
    await pass();
    expect([told, world.reads]).toEqual([[], 0]);
    world.listens = true;
    await pass();
    expect(told).toEqual([0]);
  });

  test('is silent half a minute after the last revision, and follows the next one', async () => {
    const { stream, world, pass, isFollowed, told } = start();
    stream.advance('one');
    for (let looks = 0; looks < 60; looks++) await pass();
    stream.advance('one');
    const againMs = world.nowMs;
    while (isFollowed()) await pass();
    expect(world.nowMs - againMs).toBeGreaterThan(29_000);
    expect(world.nowMs - againMs).toBeLessThan(31_000);
    stream.advance('one');
    await pass();
    expect(told).toEqual([0, 0]);
  });

  test('stops when it is closed', async () => {
    const { stream, world, pass, isFollowed } = start();
    stream.advance('one');
    stream.close();
    await pass();
    expect([world.reads, isFollowed()]).toEqual([0, false]);
  });
});
