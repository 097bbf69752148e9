/** What a change made different: in sentences where rules, targets and members have them, else member by member. */
import { type Change, type DiffEntry, diff } from '@yardarm/contract';
import type { ReactNode } from 'react';
import { DiffView } from '../components/diff-view.tsx';
import { type Targeting, toTargeting } from '../features/flags/targeting/targeting.ts';
import { targetingDiff, targetingText } from '../features/flags/targeting/targeting-diff.ts';
import { membersText } from '../features/segments/members.ts';

/** Null: there is nothing that its sentence has not said. */
export function changeDifference({ kind }: Change, before: unknown, after: unknown): ReactNode {
  const entries: readonly DiffEntry[] =
    isTargeting(before) && isTargeting(after)
      ? targetingDiff(toTargeting(before), toTargeting(after))
      : // A kill and an unkill have said it all.
        diff(before ?? {}, after ?? {}).filter(({ path }) => path[0] !== 'on');
  if (entries.length === 0) return null;
  const toText = { flag: targetingText, segment: membersText }[kind as string];
  return <DiffView entries={entries} {...(toText && { toText })} />;
}

/** The history outlives every version of this page: what it recorded may have other members. */
function isTargeting(side: unknown): side is Targeting {
  return typeof side === 'object' && side !== null && ['rules', 'targets', 'prerequisites'].every((member) => member in side);
}
