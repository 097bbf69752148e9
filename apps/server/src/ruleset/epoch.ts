/** Identities of revision counters: `<milliseconds>-<random>`, ordered as packages/sync orders them. */
import { randomBytes } from 'node:crypto';

const MILLISECONDS = /^(\d{1,15})-/;

/** An epoch that is newer than every one of `older`, whatever the clocks said that made them. */
export function mintEpoch(nowMs: number, older: readonly string[] = []): string {
  const ms = Math.max(Math.floor(nowMs), ...older.map((epoch) => mintedMs(epoch) + 1));
  return `${ms}-${randomBytes(8).toString('hex')}`;
}

/** When it was made, by the clock that made it; -1 where it does not say. */
export function mintedMs(epoch: string): number {
  return Number(MILLISECONDS.exec(epoch)?.[1] ?? -1);
}
