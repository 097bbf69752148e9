/** Where a flag stands in its life, in words. Where it stands the API says. Passing the expiry changes no value. */
import type { Flag, Lifecycle } from '@yardarm/contract';
import { daysUntil } from '../../lib/time.ts';

/** Those of flags that are not archived, as the list offers them. */
export const LISTED_LIFECYCLES: readonly { readonly value: Lifecycle; readonly label: string }[] = [
  { value: 'active', label: 'Active' },
  { value: 'expiring', label: 'Expiring' },
  { value: 'expired', label: 'Expired' },
  { value: 'stale', label: 'Stale' },
  { value: 'ready_to_remove', label: 'Ready to remove' },
];

/** What matters most of it: `ready to remove`, `stale`, else when it expires. */
export function lifecycleSentence(flag: Pick<Flag, 'expiresOn' | 'lifecycle'>, nowMs: number): string {
  if (flag.lifecycle === 'ready_to_remove') return 'ready to remove';
  return flag.lifecycle === 'stale' ? 'stale' : expirySentence(flag, nowMs);
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
