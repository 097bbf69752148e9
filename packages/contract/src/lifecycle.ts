/**
 * Where a flag stands in its life. The one place that says it, for the server, the admin UI and the command line. Pure, and without
 * schemas, so that a browser loads nothing more for it. Passing an expiry changes no value, and neither does anything here.
 */

/** `ready_to_remove`: the verdict is `safe`. */
export const LIFECYCLES = ['active', 'expiring', 'expired', 'stale', 'ready_to_remove', 'archived'] as const;
export type Lifecycle = (typeof LIFECYCLES)[number];

/** What evidence makes of a flag, apart from its expiry. Null: nothing, or it was not looked at yet. */
export const STANDINGS = ['stale', 'ready_to_remove'] as const;
export type Standing = (typeof STANDINGS)[number];

/** Why a flag stands where it does. The last four are the kinds of `stale`. */
export const LIFECYCLE_REASONS = [
  'archived',
  'expiring',
  'expired',
  'safe',
  'one_value',
  'never_evaluated',
  'not_evaluated',
  'code_gone',
] as const;
export type LifecycleReasonCode = (typeof LIFECYCLE_REASONS)[number];

export interface LifecycleReason {
  readonly code: LifecycleReasonCode;
  /** RFC 3339: since when. Null: not known. */
  readonly since: string | null;
}

/** Settings of a project, in days. */
export interface HygieneWindows {
  /** A flag is `expiring` so long before its expiry. */
  readonly expiringDays: number;
  /** Without an evaluation for so long a flag is stale, and may be safe to remove. */
  readonly notEvaluatedDays: number;
  /** A temporary flag that serves everybody the same for so long is stale. */
  readonly oneValueDays: number;
  /** A flag that no default branch names for so long is stale. */
  readonly codeGoneDays: number;
}

/** Two weeks are one sprint to remove a flag in; a month has at least one of every monthly job. */
export const DEFAULT_WINDOWS: HygieneWindows = { expiringDays: 14, notEvaluatedDays: 30, oneValueDays: 30, codeGoneDays: 7 };

export interface LifecycleState {
  /** RFC 3339; null: not archived. */
  readonly archivedAt: string | null;
  /** A calendar day; null: never. */
  readonly expiresOn: string | null;
  readonly standing: Standing | null;
}

/**
 * Of several the one that matters most: archived, ready to remove, expired, stale, expiring, active. A flag is expired from the day
 * after its expiry on. @param today a calendar day, `2027-01-31`, on the clock of whoever asks: UTC on the server
 */
export function lifecycleOf(
  { archivedAt, expiresOn, standing }: LifecycleState,
  today: string,
  { expiringDays }: Pick<HygieneWindows, 'expiringDays'>,
): Lifecycle {
  if (archivedAt !== null) return 'archived';
  if (standing === 'ready_to_remove') return standing;
  // Days are text of equal length, so that their order is the order of their text.
  if (expiresOn !== null && expiresOn < today) return 'expired';
  if (standing === 'stale') return standing;
  return expiresOn !== null && expiresOn <= addDays(today, expiringDays) ? 'expiring' : 'active';
}

/** What is known of a flag's use. Times are epoch milliseconds. */
export interface StandingFacts {
  /** Release and experiment flags: one that serves everybody the same has done its work. */
  readonly isTemporary: boolean;
  readonly createdAtMs: number;
  /** Since when every environment serves everybody this one value; null: not. */
  readonly oneValueSinceMs: number | null;
  /** In any environment, by any kind of key; null: never, as far as was reported. */
  readonly lastEvaluatedAtMs: number | null;
  /** The last report of any instance of the project; null: none ever, so that no evaluation says nothing. */
  readonly heardAtMs: number | null;
  /** Since when no default branch that is known names the flag; null: one does, or none is known. */
  readonly codeGoneSinceMs: number | null;
  /** Of the verdict. */
  readonly isSafe: boolean;
}

const DAY_MS = 24 * 3_600_000;

/** What the evidence makes of a flag, with every reason for it. A younger flag than a window is not measured by it. */
export function standingOf(
  facts: StandingFacts,
  windows: HygieneWindows,
  nowMs: number,
): { readonly standing: Standing | null; readonly reasons: LifecycleReason[] } {
  const reasons = staleReasons(facts, windows, nowMs);
  if (facts.isSafe) return { standing: 'ready_to_remove', reasons: [{ code: 'safe', since: null }, ...reasons] };
  return { standing: reasons.length > 0 ? 'stale' : null, reasons };
}

function staleReasons(facts: StandingFacts, windows: HygieneWindows, nowMs: number): LifecycleReason[] {
  const { createdAtMs, oneValueSinceMs, lastEvaluatedAtMs, heardAtMs, codeGoneSinceMs } = facts;
  const isPast = (sinceMs: number, days: number) => nowMs - sinceMs >= days * DAY_MS;
  const reasons: LifecycleReason[] = [];
  const add = (code: LifecycleReasonCode, sinceMs: number) => reasons.push({ code, since: new Date(sinceMs).toISOString() });
  if (facts.isTemporary && oneValueSinceMs !== null && isPast(oneValueSinceMs, windows.oneValueDays))
    add('one_value', oneValueSinceMs);
  // Silence is evidence only while somebody speaks.
  const isHeard = heardAtMs !== null && !isPast(heardAtMs, windows.notEvaluatedDays);
  const unusedSinceMs = Math.max(lastEvaluatedAtMs ?? createdAtMs, createdAtMs);
  if (isHeard && isPast(unusedSinceMs, windows.notEvaluatedDays))
    add(lastEvaluatedAtMs === null ? 'never_evaluated' : 'not_evaluated', unusedSinceMs);
  const goneSinceMs = codeGoneSinceMs === null ? null : Math.max(codeGoneSinceMs, createdAtMs);
  if (goneSinceMs !== null && isPast(goneSinceMs, windows.codeGoneDays)) add('code_gone', goneSinceMs);
  return reasons;
}

/** `2027-01-31` and 1 are `2027-02-01`. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}
