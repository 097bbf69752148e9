import { describe, expect, test } from 'vitest';
import type { Poller } from './pollers.ts';
import type { BookPage, Laggard } from './receipt-book.ts';
import { countPolling, EMPTY_PAGE, mergeReceipts, RECEIPTS_FORMAT, type ReplicaReceipts } from './receipts.ts';

const NOBODY = { readers: 0, applied: 0, rejected: 0 };
const WEB = { name: 'web', version: '1' };

function replica(page: Partial<BookPage>, more: Partial<ReplicaReceipts> = {}): ReplicaReceipts {
  return {
    format: RECEIPTS_FORMAT,
    epoch: '1-a',
    revision: 7,
    committedAtMs: 1_000,
    server: { page: { ...EMPTY_PAGE, ...page }, polling: NOBODY },
    client: { page: EMPTY_PAGE, polling: NOBODY },
    ...more,
  };
}

function behind(instance: string, heardAtMs: number): Laggard {
  return { ...WEB, instance, commit: null, sdk: 'test/1', held: null, heardAtMs };
}

describe('mergeReceipts', () => {
  test('names servers however many readers with client keys there are', () => {
    const many = Array.from({ length: 100 }, (_, index) => index);
    const crowd = {
      ...EMPTY_PAGE,
      laggards: many.map((index) => behind(`c${index}`, 1)),
      apps: many.map((index) => ({ name: `c${index}`, version: null, connected: 9, applied: 0, rejected: 0 })),
      refusals: many.map((index) => ({ kind: 'flag' as const, key: `c${index}`, code: 'x', ...WEB, instances: 9 })),
    };
    const page: Partial<BookPage> = {
      laggards: [behind('s', 5)],
      apps: [{ ...WEB, connected: 1, applied: 0, rejected: 0 }],
      refusals: [{ kind: 'flag', key: 's', code: 'x', ...WEB, instances: 1 }],
    };
    const merged = mergeReceipts('e', [replica(page, { client: { page: crowd, polling: NOBODY } })], true);
    for (const named of [merged.laggards, merged.apps, merged.refusals])
      expect(named.filter(({ keyKind }) => keyKind === 'server')).toHaveLength(1);
  });

  test('adds up what all servers count, and takes the slowest of all', () => {
    const one = replica({
      connected: 3,
      applied: 2,
      slowest: { instance: 'a', ...WEB, ms: 20 },
      apps: [{ ...WEB, connected: 3, applied: 2, rejected: 0 }],
      laggards: [behind('late', 500)],
    });
    const other = replica({
      connected: 2,
      applied: 1,
      rejected: 1,
      slowest: { instance: 'b', name: 'shop', version: null, ms: 45 },
      apps: [{ ...WEB, connected: 2, applied: 1, rejected: 1 }],
      refusals: [{ kind: 'flag', key: 'banner', code: 'unreadable', ...WEB, instances: 1 }],
    });
    expect(mergeReceipts('production', [one, other], true)).toEqual({
      environment: 'production',
      revision: 7,
      committedAt: '1970-01-01T00:00:01.000Z',
      server: {
        connected: 5,
        applied: 3,
        pending: 1,
        rejected: 1,
        slowestMs: 45,
        slowest: { instance: 'b', app: { name: 'shop', version: null } },
        polling: NOBODY,
      },
      client: { connected: 0, applied: 0, pending: 0, rejected: 0, slowestMs: null, slowest: null, polling: NOBODY },
      apps: [{ keyKind: 'server', app: WEB, connected: 5, applied: 3, pending: 1, rejected: 1 }],
      laggards: [
        {
          keyKind: 'server',
          instance: 'late',
          app: { ...WEB, commit: null },
          sdk: 'test/1',
          held: null,
          heardAt: '1970-01-01T00:00:00.500Z',
        },
      ],
      refusals: [{ keyKind: 'server', kind: 'flag', key: 'banner', code: 'unreadable', app: WEB, instances: 1 }],
      replicas: { count: 2, complete: true },
    });
  });

  test.each([
    ['an older revision', { revision: 6 }],
    ['an older epoch, whatever its revision', { epoch: '0-z', revision: 99 }],
  ])('takes readers of a server that knows %s for pending', (_name, older) => {
    const apps = [{ ...WEB, connected: 4, applied: 4, rejected: 0 }];
    const slow = replica({ connected: 4, applied: 4, slowest: { instance: 'a', ...WEB, ms: 900 }, apps }, older);
    const merged = mergeReceipts('production', [slow, replica({ connected: 1, applied: 1 })], true);
    expect(merged).toMatchObject({ revision: 7, server: { connected: 5, applied: 1, pending: 4, slowestMs: null } });
    expect(merged.apps).toEqual([{ keyKind: 'server', app: WEB, connected: 4, applied: 0, pending: 4, rejected: 0 }]);
  });

  test('names at most 100 laggards, those not heard for the longest', () => {
    const many = (from: number) => Array.from({ length: 80 }, (_, index) => behind(`late-${from + index}`, from + index));
    const { laggards } = mergeReceipts('production', [replica({ laggards: many(100) }), replica({ laggards: many(0) })], true);
    expect(laggards).toHaveLength(100);
    expect([laggards[0]?.instance, laggards[99]?.instance]).toEqual(['late-0', 'late-119']);
  });

  test('counts who polls apart', () => {
    const polling = { readers: 4, applied: 3, rejected: 1 };
    const merged = mergeReceipts('production', [replica({}, { server: { page: EMPTY_PAGE, polling } }), replica({})], false);
    expect(merged).toMatchObject({ server: { connected: 0, polling }, replicas: { count: 2, complete: false } });
  });
});

test('countPolling counts who said that it runs the state, and a refusal as refusal alone, of that state and of no other epoch', () => {
  const state = { epoch: '2-b', revision: 7, digest: 'd7' };
  const poller = (more: Partial<Poller>): Poller => ({
    keyId: 'key',
    kind: 'server',
    instance: 'one',
    sdk: 'test/1',
    app: {},
    applied: state,
    hasRejected: false,
    firstHeardAtMs: 0,
    heardAtMs: 0,
    ...more,
  });
  const others = [{ revision: 6 }, { epoch: '1-a' }].map((other) => ({ ...state, ...other }));
  const behind = others.flatMap((applied) => [poller({ applied }), poller({ applied, hasRejected: true })]);
  const pollers = [poller({}), poller({}), poller({ hasRejected: true }), ...behind];
  expect(countPolling(pollers, state)).toEqual({ readers: 7, applied: 2, rejected: 1 });
});
