/** Which flags their owners are to be told of now. Pure. */
import type { ListedFlag } from './list-assessed.ts';

const WEEK_MS = 7 * 24 * 3_600_000;
/** Of a week a few minutes are missing where the digest of the day comes a little earlier than a week ago. */
const TOLERANCE_MS = 3_600_000;

/** What was told, when: by `noticeOf` -> epoch milliseconds. */
export type Told = ReadonlyMap<string, number>;

/** A flag and what there is to say of it: the same is said once a week at most, something else at once. */
export function noticeOf({ id, lifecycle, expiresOn, owner }: ListedFlag): { readonly flagId: string; readonly state: string } {
  return { flagId: id, state: JSON.stringify([lifecycle, expiresOn, owner]) };
}

export function toldKey({ flagId, state }: { readonly flagId: string; readonly state: string }): string {
  return `${flagId} ${state}`;
}

/** In the order in which they are urgent; none that is snoozed, archived or fine. */
export function dueNotices(flags: readonly ListedFlag[], told: Told, nowMs: number): ListedFlag[] {
  return flags
    .filter((flag) => {
      if (flag.snooze !== null || URGENCY[flag.lifecycle] === undefined) return false;
      const toldAtMs = told.get(toldKey(noticeOf(flag)));
      return toldAtMs === undefined || nowMs - toldAtMs >= WEEK_MS - TOLERANCE_MS;
    })
    .sort((a, b) => urgencyOf(a) - urgencyOf(b) || compare(a.expiresOn ?? '~', b.expiresOn ?? '~') || compare(a.flag, b.flag));
}

const URGENCY: { readonly [lifecycle in ListedFlag['lifecycle']]?: number } = {
  expired: 0,
  expiring: 1,
  ready_to_remove: 2,
  stale: 3,
};

function urgencyOf({ lifecycle }: ListedFlag): number {
  return URGENCY[lifecycle] ?? Number.POSITIVE_INFINITY;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
