import type { Flag } from '@yardarm/contract';

/** The list, which is in order of keys, with the flag as it is now; an archived one is in no list. */
export function withFlag(flags: readonly Flag[], flag: Flag): readonly Flag[] {
  const index = flags.findIndex(({ key }) => key === flag.key);
  if (flag.archivedAt !== null) return index < 0 ? flags : flags.toSpliced(index, 1);
  if (index >= 0) return flags.with(index, flag);
  const next = flags.findIndex(({ key }) => key > flag.key);
  return flags.toSpliced(next < 0 ? flags.length : next, 0, flag);
}
