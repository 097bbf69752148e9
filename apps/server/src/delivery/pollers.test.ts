import type { PolledReceipt } from '@yardarm/sync';
import { describe, expect, test } from 'vitest';
import { createPollers, MAX_POLLERS, POLLER_EXPIRES_MS } from './pollers.ts';
import type { SdkKey } from './sdk-keys.ts';

const KEY: SdkKey = { id: 'key', environmentId: 'production', kind: 'server', allowedOrigins: [], expiresAtMs: null };
const receipt = (instance: string, revision = 7): PolledReceipt => ({
  instance,
  sdk: 'test/1',
  app: { name: 'shop' },
  applied: { epoch: '1-a', revision, digest: '0' },
});

describe('createPollers', () => {
  test('counts an instance once, with what it said last, and dates it from its first word', () => {
    const pollers = createPollers();
    const heard = [receipt('one', 6), receipt('one'), receipt('one')].map((said, index) =>
      pollers.note(KEY, said, 1_000 * (index + 1)),
    );
    expect(heard).toEqual([true, true, false]);
    pollers.note({ ...KEY, environmentId: 'staging' }, receipt('other'), 3_000);
    expect(pollers.list('production', 3_000)).toMatchObject([
      { instance: 'one', kind: 'server', applied: { revision: 7 }, firstHeardAtMs: 1_000, heardAtMs: 3_000, hasRejected: false },
    ]);
  });

  test('forgets who is not heard for two and a half polls, and begins anew with who comes back later', () => {
    const pollers = createPollers();
    pollers.note(KEY, receipt('old'), 0);
    pollers.note(KEY, receipt('new'), 1);
    expect(pollers.list('production', POLLER_EXPIRES_MS).map(({ instance }) => instance)).toEqual(['old', 'new']);
    expect(pollers.list('production', POLLER_EXPIRES_MS + 1).map(({ instance }) => instance)).toEqual(['new']);
    const laterMs = 2 * POLLER_EXPIRES_MS;
    expect(pollers.note(KEY, receipt('new'), laterMs)).toBe(true);
    expect(pollers.list('production', laterMs)).toMatchObject([{ instance: 'new', firstHeardAtMs: laterMs }]);
  });

  test('says whether an instance refused a body of what it runs', () => {
    const pollers = createPollers();
    const rejected = [{ kind: 'flag' as const, key: 'a', code: 'x', path: '', keptRevision: null }];
    pollers.note(KEY, receipt('one'), 0);
    expect(pollers.note(KEY, { ...receipt('one'), rejected }, 0)).toBe(true);
    expect(pollers.list('production', 0)).toMatchObject([{ applied: { revision: 7 }, hasRejected: true }]);
  });

  test('keeps a bounded number, the most recently heard', () => {
    const pollers = createPollers();
    for (let index = 0; index <= MAX_POLLERS; index++) pollers.note(KEY, receipt(String(index)), index);
    const kept = pollers.list('production', MAX_POLLERS);
    expect([kept.length, kept[0]?.instance]).toEqual([MAX_POLLERS, '1']);
  });

  test('lets nobody with a public key push out those with a server key', () => {
    const pollers = createPollers();
    pollers.note(KEY, receipt('real'), 0);
    for (let index = 0; index <= MAX_POLLERS; index++)
      pollers.note({ ...KEY, id: 'public', kind: 'client' }, receipt(`${index}`), 1);
    expect(pollers.list('production', 1)[0]?.instance).toBe('real');
  });
});
