/** Where a flag stands in its life, as far as its expiry tells. Passing the expiry changes no value. */
import type { Flag } from '@yardarm/contract';
import { daysUntil } from '../../lib/time.ts';

/** Those of flags that are not archived. */
export const LIFECYCLES = ['active', 'expiring', 'expired'] as const;
export type Lifecycle = (typeof LIFECYCLES)[number];

/** Two weeks: one sprint to remove the flag in. */
const EXPIRING_DAYS = 14;

/** As the API has it, on the reader's own clock: `expired` from the day after the expiry on, `expiring` in the 14 days up to it, else `active`; without an expiry always `active`. */
export function lifecycleOf(flag: Pick<Flag, 'expiresOn'>, nowMs: number): Lifecycle {
  if (flag.expiresOn === null) return 'active';
  const days = daysUntil(flag.expiresOn, nowMs);
  if (days < 0) return 'expired';
  return days <= EXPIRING_DAYS ? 'expiring' : 'active';
}

/** `expires in 5 days`, `expired yesterday`, `no expiry`. */
export function expirySentence(flag: Pick<Flag, 'expiresOn'>, nowMs: number): string {
  if (flag.expiresOn === null) return 'no expiry';
  const days = daysUntil(flag.expiresOn, nowMs);
  if (days === 0) return 'expires today';
  if (days === 1) return 'expires tomorrow';
  if (days > 1) return `expires in ${days} days`;
  if (days === -1) return 'expired yesterday';
  return `expired ${-days} days ago`;
}
