/** What a change made different: in sentences where rules, targets and members have them, else member by member. */
import { type Change, type DiffEntry, diff } from '@yardarm/contract';
import type { ReactNode } from 'react';
import { DiffView, type DiffViewProps } from '../components/diff-view.tsx';
import { type Targeting, toTargeting } from '../features/flags/targeting/targeting.ts';
import { targetingDiff, targetingText } from '../features/flags/targeting/targeting-diff.ts';
import { membersText } from '../features/segments/members.ts';

/** Null: there is nothing that its sentence has not said. */
export function changeDifference({ kind }: Change, before: unknown, after: unknown): ReactNode {
  if (isTargeting(before) && isTargeting(after)) {
    const entries = targetingDiff(toTargeting(before), toTargeting(after));
    if (entries.length > 0) return <DiffView entries={entries} toText={orJson(targetingText)} />;
  }
  // A kill and an unkill have said it all.
  const entries = diff(before ?? {}, after ?? {}).filter(({ path }) => path[0] !== 'on');
  if (entries.length === 0) return null;
  return <DiffView entries={entries} {...(kind === 'segment' && { toText: orJson(membersText) })} />;
}

/** The history outlives every version of this page: what it recorded may have other members. */
function orJson(toText: NonNullable<DiffViewProps['toText']>): NonNullable<DiffViewProps['toText']> {
  return (entry: DiffEntry, value: unknown) => {
    try {
      return toText(entry, value);
    } catch {
      return undefined;
    }
  };
}

function isTargeting(side: unknown): side is Targeting {
  return typeof side === 'object' && side !== null && ['rules', 'targets', 'prerequisites'].every((member) => member in side);
}
