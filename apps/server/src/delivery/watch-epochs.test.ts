import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import type { Heads } from '../changes/change-feed.ts';
import type { ServedEnvironment } from '../ruleset/cache.ts';
import { createEpochWatch } from './watch-epochs.ts';

const STATE = { epoch: '1-a', revision: 7, digest: 'd' };
const served = {
  rules: { project: 'shop', environment: 'production' },
  views: { server: { state: STATE } },
} as unknown as ServedEnvironment;
const heads = (incarnation: string): Heads => ({
  instanceId: 'i',
  incarnation,
  beganMs: 0,
  heads: ['one', 'other'].map((environmentId) => ({ environmentId, epoch: '1-a', revision: 8 })),
  keysFingerprint: '',
  minWriter: 0,
  clockOffsetMs: 0,
});

/** A watch over two environments, and a database that cannot say what it has of those in `silent`. */
function start() {
  let elapsedMs = 0;
  const silent = new Set<string>();
  const asked: string[] = [];
  const watch = createEpochWatch({
    environment: () => served,
    digestAt: async (environmentId) => {
      asked.push(environmentId);
      if (silent.has(environmentId)) throw new Error('canceling statement due to statement timeout');
      return STATE.digest;
    },
    mint: async () => true,
    monotonicMs: () => elapsedMs,
    log: pino({ level: 'silent' }),
  });
  const pass = (ms: number) => {
    elapsedMs += ms;
  };
  return { watch, silent, asked, pass };
}

describe('an environment that a restarted database cannot compare in time', () => {
  test('keeps what it serves, and holds up no other', async () => {
    const { watch, silent, asked, pass } = start();
    expect(await watch.examine(heads('before'))).toEqual(new Set());
    silent.add('one');
    expect(await watch.examine(heads('after'))).toEqual(new Set(['one']));
    expect(await watch.examine(heads('after'))).toEqual(new Set(['one']));
    expect(asked).toEqual(['one', 'other', 'one', 'other']);
    silent.clear();
    pass(5_000);
    expect(await watch.examine(heads('after'))).toEqual(new Set());
  });
});
