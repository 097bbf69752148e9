/** Times as people say them. All functions are pure: the clock and the locale are arguments. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Made once, for lists have them by the row: making one takes as long as drawing a row of a list. */
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const EXACT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });

/** `just now`, `5 min ago`, `3 h ago`, `yesterday`, `12 days ago`, then the date. The future reads `just now`: clocks differ. */
export function toRelativeTime(atMs: number, nowMs: number): string {
  const agoMs = nowMs - atMs;
  if (agoMs < 45_000) return 'just now';
  if (agoMs < 90_000) return '1 min ago';
  if (agoMs < HOUR_MS) return `${Math.round(agoMs / MINUTE_MS)} min ago`;
  if (agoMs < DAY_MS) return `${Math.round(agoMs / HOUR_MS)} h ago`;
  if (agoMs < 2 * DAY_MS) return 'yesterday';
  if (agoMs < 30 * DAY_MS) return `${Math.floor(agoMs / DAY_MS)} days ago`;
  return toDay(atMs);
}

/** `3 Mar 2027`. */
export function toDay(atMs: number): string {
  return DAY.format(atMs);
}

/** The last moment that a date can be. A rule may name a later one, to say `always` or `never`. */
const MAX_DATE_MS = 8_640_000_000_000_000;

export function isDate(atMs: number): boolean {
  return Math.abs(atMs) <= MAX_DATE_MS;
}

/** `3 Mar 2027, 14:05:09 GMT+1`, for the hover of a relative time. */
export function toExactTime(atMs: number): string {
  if (!isDate(atMs)) return `${atMs} ms since 1970`;
  return EXACT.format(atMs);
}

/** `14:05:09`, of what happened a moment ago. */
export function toClockTime(atMs: number): string {
  return new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' }).format(atMs);
}

/** `ends 3 Mar 2027, 14:05 GMT+1`, `ended …`: of a credential; an overlap may last an hour, so the day is not enough. */
export function describeEnd(endsMs: number, nowMs: number): string {
  return `${endsMs > nowMs ? 'ends' : 'ended'} ${toMinute(endsMs)}`;
}

/** `3 Mar 2027, 14:05 GMT+1`. */
export function toMinute(atMs: number): string {
  return new Intl.DateTimeFormat('en-GB', {
    ...{ day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'short' },
  }).format(atMs);
}

/** `18 ms`, `1.2 s`, `2 min`. */
export function toDuration(durationMs: number): string {
  if (durationMs < 1) return '1 ms';
  if (durationMs < 1_000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 60_000) return `${(durationMs / 1_000).toFixed(1)} s`;
  return `${Math.round(durationMs / MINUTE_MS)} min`;
}

/** Whole calendar days from today (in the viewer's zone) to `day` (`2027-01-31`); negative once it has passed. */
export function daysUntil(day: string, nowMs: number): number {
  const now = new Date(nowMs);
  const today = Date.UTC(now.getFullYear(), now.getMonth(), now.getDate());
  return Math.round((Date.parse(`${day}T00:00:00Z`) - today) / DAY_MS);
}
