import type { Flag } from '@yardarm/contract';
import { describe, expect, it } from 'vitest';
import { expiryFindings } from './expiry-findings.ts';

const flag = (key: string, expiresOn: string | null) => ({ key, expiresOn, owner: 'payments' }) as Flag;

describe('expiryFindings', () => {
  it('calls a flag expired from the day after its expiry, and expiring on the day itself', () => {
    expect(expiryFindings([flag('a', '2026-11-20')], '2026-11-21', 14)).toMatchObject([{ code: 'expired', daysLeft: -1 }]);
    expect(expiryFindings([flag('a', '2026-11-21')], '2026-11-21', 14)).toMatchObject([{ code: 'expiring', daysLeft: 0 }]);
  });

  it('warns up to the last day of the window and not a day earlier', () => {
    const flags = [flag('inside', '2026-12-05'), flag('outside', '2026-12-06'), flag('permanent', null)];
    expect(expiryFindings(flags, '2026-11-21', 14).map((finding) => finding.flag)).toEqual(['inside']);
  });

  it('counts whole days across a change of clocks', () => {
    expect(expiryFindings([flag('a', '2027-03-29')], '2027-03-27', 14)).toMatchObject([{ daysLeft: 2 }]);
  });

  it('puts the longest expired first', () => {
    const flags = [flag('b', '2026-11-19'), flag('c', '2026-11-30'), flag('a', '2026-01-01')];
    expect(expiryFindings(flags, '2026-11-21', 14).map((finding) => finding.flag)).toEqual(['a', 'b', 'c']);
  });
});
