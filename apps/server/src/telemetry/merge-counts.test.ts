import { expect, it } from 'vitest';
import type { SdkKey } from '../delivery/sdk-keys.ts';
import { startMerge } from './merge-counts.ts';

it('an evaluation that an override answered keeps its reason, and is neither the rules’ nor the code default’s', () => {
  const key = { environmentId: 'e', kind: 'server' } as SdkKey;
  const merge = startMerge(() => ({ id: 'f', variants: new Set(['on']) }), 3_600_000);
  const counted = { flag: 'a', defaultServed: false, defaultHash: '', n: 1 };
  const counts = [{ ...counted, variant: null, reason: 'OVERRIDE' }];
  merge.add({ key, report: { instance: 'i', sdk: 's', app: {}, seq: 1, from: 0, to: 1, counts, lost: 0 } });
  const rows = merge.rows();
  expect(rows.series.map(({ reason, defaultServed }) => [reason, defaultServed])).toEqual([['OVERRIDE', false]]);
  expect(rows.last).toEqual([]);
});
