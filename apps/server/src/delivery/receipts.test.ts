import { describe, expect, test } from 'vitest';
import { countReceipts, type InstanceFacts } from './receipts.ts';

const STATE = { epoch: '1-a', revision: 7, digest: 'd7' };
const COMMITTED_MS = 10_000;

function instance(facts: Partial<InstanceFacts>): InstanceFacts {
  const nothing = { applied: null, appliedAtMs: null, rejectedRevision: null };
  return { keyId: 'key', instance: String(Math.random()), connectedAtMs: 0, ...nothing, ...facts };
}

describe('countReceipts', () => {
  test('takes as slowest the latest receipt of those who were connected at the commit', () => {
    const instances = [
      instance({ applied: STATE, appliedAtMs: COMMITTED_MS + 30 }),
      instance({ applied: STATE, appliedAtMs: COMMITTED_MS + 180 }),
      instance({ applied: STATE, appliedAtMs: COMMITTED_MS + 60_000, connectedAtMs: COMMITTED_MS + 59_000 }),
    ];
    expect(countReceipts(instances, STATE, COMMITTED_MS)).toEqual({
      connected: 3,
      applied: 3,
      pending: 0,
      rejected: 0,
      slowestMs: 180,
    });
  });

  test.each([
    ['another epoch', { ...STATE, epoch: '2-b' }],
    ['an older revision', { ...STATE, revision: 6 }],
    ['another content', { ...STATE, digest: 'xx' }],
  ])('does not count %s as applied', (_name, applied) => {
    const counts = countReceipts([instance({ applied, appliedAtMs: COMMITTED_MS })], STATE, COMMITTED_MS);
    expect(counts).toMatchObject({ applied: 0, pending: 1, slowestMs: null });
  });

  test('counts an instance once that reconnected before its old link was noticed to be dead', () => {
    const instances = [
      instance({ instance: 'one' }),
      instance({ instance: 'one', applied: STATE, appliedAtMs: COMMITTED_MS + 5 }),
    ];
    expect(countReceipts(instances, STATE, COMMITTED_MS)).toMatchObject({ connected: 1, applied: 1, pending: 0 });
  });

  test('counts a refusal as refusal although the rest was applied, and forgets that of older revisions', () => {
    const instances = [
      instance({ applied: STATE, appliedAtMs: COMMITTED_MS + 5, rejectedRevision: 7 }),
      instance({ applied: STATE, appliedAtMs: COMMITTED_MS + 5, rejectedRevision: 6 }),
    ];
    expect(countReceipts(instances, STATE, COMMITTED_MS)).toMatchObject({ applied: 1, rejected: 1, pending: 0 });
  });
});
