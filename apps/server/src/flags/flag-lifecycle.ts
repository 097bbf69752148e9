/** What owner and expiry of a flag must be, where the answer needs the flag's kind or the clock. */
import { type Flag, isTemporary } from '@yardarm/contract';
import { AppError, type ErrorDetail } from '../errors.ts';

const DAY_MS = 24 * 3_600_000;
/** Nobody plans a flag further ahead; such a day is a slip of the finger. */
const MAX_YEARS_AHEAD = 10;

/** The day on which a flag expires that was given none, UTC; null for the kinds that may stay. */
export function defaultExpiry(kind: Flag['kind'], defaultExpiryDays: number, nowMs: number): string | null {
  return isTemporary(kind) ? toDay(nowMs + defaultExpiryDays * DAY_MS) : null;
}

/** Throws `validation_failed` with every problem of the members that are there; those left out are not looked at. */
export function requireLifecycle(
  kind: Flag['kind'],
  { owner, expiresOn }: { readonly owner?: string | null | undefined; readonly expiresOn?: string | null | undefined },
  nowMs: number,
): void {
  const details: ErrorDetail[] = [];
  if (isTemporary(kind) && owner === null)
    details.push({ path: 'owner', message: `A ${kind} flag needs an owner, so that somebody removes it.` });
  if (isTemporary(kind) && expiresOn === null) details.push({ path: 'expiresOn', message: `A ${kind} flag needs an expiry.` });
  const latest = latestExpiry(nowMs);
  if (typeof expiresOn === 'string' && expiresOn > latest)
    details.push({
      path: 'expiresOn',
      message: `The expiry ${expiresOn} is more than ${MAX_YEARS_AHEAD} years ahead; choose a day until ${latest}.`,
    });
  if (details.length > 0) throw new AppError('validation_failed', details.map(({ message }) => message).join(' '), { details });
}

function latestExpiry(nowMs: number): string {
  const day = new Date(nowMs);
  day.setUTCFullYear(day.getUTCFullYear() + MAX_YEARS_AHEAD);
  return toDay(day.getTime());
}

/** UTC. */
export function toDay(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10);
}
