import type { Coverage, FlagEvaluations, Receipts } from '@yardarm/contract';
import { describe, expect, it } from 'vitest';
import { furthest, isConnected, NO_PROGRESS, readProgress } from './connect-progress.ts';

const SOUGHT = { app: 'checkout', kind: 'server', flag: 'new-checkout' } as const;
const appOf = (name: string, version: string | null = null) => ({ name, version });
const receiptsOf = (apps: Partial<Receipts['apps'][number]>[]) => ({ apps }) as unknown as Receipts;
const NOTHING = { receipts: undefined, coverage: undefined, evaluations: undefined };

describe('readProgress', () => {
  it('counts instances of the app alone, over its versions', () => {
    const receipts = receiptsOf([
      { keyKind: 'server', app: appOf('checkout', '1.4.2'), connected: 2, applied: 1 },
      { keyKind: 'server', app: appOf('checkout', '1.4.3'), connected: 1, applied: 0 },
      { keyKind: 'server', app: appOf('search'), connected: 7, applied: 7 },
      { keyKind: 'client', app: appOf('checkout'), connected: 9, applied: 9 },
    ]);
    expect(readProgress({ ...NOTHING, receipts }, SOUGHT)).toMatchObject({ instances: 3, isCurrent: true });
  });

  it('knows those that poll by their reports', () => {
    const coverage = {
      apps: [{ keyKind: 'server', app: appOf('checkout'), reporting: 1, silent: 1 }],
      unknownFlags: [
        { keyKind: 'server', key: 'new-chekcout', app: 'checkout', n: 3, seenAt: '' },
        { keyKind: 'server', key: 'other', app: 'search', n: 3, seenAt: '' },
      ],
    } as unknown as Coverage;
    const progress = readProgress({ ...NOTHING, receipts: receiptsOf([]), coverage }, SOUGHT);
    expect(progress).toEqual({ instances: 2, isCurrent: false, evaluations: 0, unknownFlags: ['new-chekcout'] });
  });

  it('counts evaluations of the app, and takes them for a connection', () => {
    const evaluations = {
      apps: [
        { keyKind: 'server', app: appOf('checkout', '1.4.2'), n: 4 },
        { keyKind: 'server', app: appOf('search'), n: 900 },
      ],
    } as unknown as FlagEvaluations;
    const progress = readProgress({ ...NOTHING, evaluations }, SOUGHT);
    expect(progress).toMatchObject({ instances: 0, evaluations: 4 });
    expect(isConnected(progress)).toBe(true);
    expect(isConnected(NO_PROGRESS)).toBe(false);
  });
});

describe('furthest', () => {
  it('keeps what was seen of an application that has left', () => {
    const seen = { instances: 1, isCurrent: true, evaluations: 0, unknownFlags: ['a'] };
    expect(furthest(seen, NO_PROGRESS)).toEqual(seen);
    expect(furthest(seen, { ...NO_PROGRESS, instances: 3, unknownFlags: ['b'] })).toMatchObject({
      instances: 3,
      unknownFlags: ['a', 'b'],
    });
  });
});
