import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import type { Head, Heads } from '../changes/change-feed.ts';
import type { ServedEnvironment } from '../ruleset/cache.ts';
import { createEpochWatch } from './watch-epochs.ts';

const STATE = { epoch: '1-a', revision: 7, digest: 'd' };
const served = {
  rules: { project: 'shop', environment: 'production', environmentId: 'one' },
  views: { server: { state: STATE } },
} as unknown as ServedEnvironment;
const HEAD: Head = { environmentId: 'one', epoch: '1-a', revision: 8, committedAtMs: 0 };
const found = (incarnation: string, head: Partial<Head> = {}): Heads => ({
  instanceId: 'i',
  incarnation,
  beganMs: 0,
  heads: [{ ...HEAD, ...head }],
  keysFingerprint: '',
  minWriter: 0,
  clockOffsetMs: 0,
});

/** A watch over one environment, and a database that says what it has of it, or that it cannot. */
function start() {
  let elapsedMs = 0;
  let digest: string | null = STATE.digest;
  let mints: boolean | null = true;
  const asked: string[] = [];
  const watch = createEpochWatch({
    environment: () => served,
    digestAt: async () => {
      asked.push('digest');
      if (digest === null) throw new Error('canceling statement due to statement timeout');
      return digest;
    },
    mint: async () => {
      asked.push('mint');
      if (mints === null) throw new Error('canceling statement due to lock timeout');
      return mints;
    },
    monotonicMs: () => elapsedMs,
    log: pino({ level: 'silent' }),
  });
  return {
    ...{ watch, asked },
    set: (answers: { readonly digest?: string | null; readonly mints?: boolean | null }) => {
      if (answers.digest !== undefined) digest = answers.digest;
      if (answers.mints !== undefined) mints = answers.mints;
    },
    pass: (ms: number) => {
      elapsedMs += ms;
    },
  };
}

describe('an environment that is served', () => {
  test('is held once against each database that a look finds, and is not settled before', async () => {
    const { watch, asked } = start();
    for (const incarnation of ['before', 'after']) {
      watch.examine(found(incarnation));
      expect(watch.isSettled('one')).toBe(false);
      expect(await watch.settle(HEAD)).toBe(true);
      expect(watch.isSettled('one')).toBe(true);
      watch.examine(found(incarnation));
      expect(await watch.settle(HEAD)).toBe(true);
    }
    expect(asked).toEqual(['digest', 'digest']);
  });

  test('is not settled by a comparison with a database that is another one by then', async () => {
    const { watch } = start();
    watch.examine(found('before'));
    const settling = watch.settle(HEAD);
    watch.examine(found('after'));
    await settling;
    expect(watch.isSettled('one')).toBe(false);
  });

  test('stays as it is until it could be compared', async () => {
    const { watch, set } = start();
    watch.examine(found('before'));
    set({ digest: null });
    await expect(watch.settle(HEAD)).rejects.toThrow('statement timeout');
    expect(watch.isSettled('one')).toBe(false);
    set({ digest: STATE.digest });
    expect(await watch.settle(HEAD)).toBe(true);
  });

  test.each([
    ['has another content', 'another', HEAD],
    ['is behind', STATE.digest, { ...HEAD, revision: 6 }],
  ])('and that the database %s, is given a new epoch, and goes on under that alone', async (_title, digest, head) => {
    const { watch, set, asked } = start();
    set({ digest, mints: null });
    watch.examine(found('before', head));
    await expect(watch.settle(head)).rejects.toThrow('no new epoch could be made yet');
    set({ mints: true });
    expect(await watch.settle(head)).toBe(false);
    expect(asked.filter((one) => one === 'mint')).toHaveLength(2);
    const next = { ...HEAD, epoch: '2-b' };
    watch.examine(found('before', next));
    expect(await watch.settle(next)).toBe(true);
    expect(watch.isAtRest('one')).toBe(true);
  });

  test('and that only seemed to be ahead of the database, goes on', async () => {
    const { watch, set } = start();
    set({ mints: false });
    watch.examine(found('before', { revision: 6 }));
    expect(await watch.settle(HEAD)).toBe(true);
  });
});

describe("a reader's word that it holds more", () => {
  test('is looked into unless the look found as much, and once a minute at most', async () => {
    const { watch, asked, set, pass } = start();
    set({ mints: false });
    watch.examine(found('before'));
    await watch.settle(HEAD);
    watch.claim('one', { epoch: '1-a', revision: 8 });
    expect(watch.isAtRest('one')).toBe(true);
    for (const revision of [9, 10]) watch.claim('one', { epoch: '1-a', revision });
    expect([watch.isAtRest('one'), watch.isSettled('one')]).toEqual([false, true]);
    expect(await watch.settle(HEAD)).toBe(true);
    watch.claim('one', { epoch: '1-a', revision: 11 });
    expect(watch.isAtRest('one')).toBe(true);
    pass(60_000);
    expect(watch.isAtRest('one')).toBe(false);
    await watch.settle(HEAD);
    expect(asked).toEqual(['digest', 'mint', 'mint']);
  });

  test('keeps nothing from the others that the database has where no epoch can be made of it, and is looked into again in a minute', async () => {
    const { watch, asked, set, pass } = start();
    set({ mints: null });
    watch.examine(found('before'));
    await watch.settle(HEAD);
    watch.claim('one', { epoch: '1-a', revision: 9 });
    expect(await watch.settle(HEAD)).toBe(true);
    expect(watch.isAtRest('one')).toBe(true);
    pass(60_000);
    expect(watch.isAtRest('one')).toBe(false);
    set({ mints: true });
    expect(await watch.settle(HEAD)).toBe(true);
    expect(asked).toEqual(['digest', 'mint', 'mint']);
  });
});
