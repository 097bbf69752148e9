/** Which flags are past their expiry, and which will be soon. Pure: the day is an argument. */
import type { Flag } from '@yardarm/contract';

export interface ExpiryFinding {
  readonly code: 'expired' | 'expiring';
  readonly flag: string;
  readonly owner: string | null;
  readonly expiresOn: string;
  /** Days from today to the expiry; negative once it has passed. A flag is expired from the day after it. */
  readonly daysLeft: number;
}

const DAY_MS = 24 * 60 * 60 * 1_000;

/** `today` is a calendar day, `2027-01-31`. Ordered by expiry, then key. */
export function expiryFindings(flags: readonly Flag[], today: string, warnDays: number): ExpiryFinding[] {
  return flags
    .flatMap((flag) => {
      if (flag.expiresOn === null) return [];
      const daysLeft = Math.round((Date.parse(flag.expiresOn) - Date.parse(today)) / DAY_MS);
      if (daysLeft > warnDays) return [];
      const code = daysLeft < 0 ? ('expired' as const) : ('expiring' as const);
      return [{ code, flag: flag.key, owner: flag.owner, expiresOn: flag.expiresOn, daysLeft }];
    })
    .sort((a, b) => a.daysLeft - b.daysLeft || (a.flag < b.flag ? -1 : 1));
}
