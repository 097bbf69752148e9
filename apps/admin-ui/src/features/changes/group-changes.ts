/**
 * One command may change one entity in several environments, as the creation of a flag does. The history
 * records each; a reader wants one line. The id of a change is its change set, a dash, and its place in it.
 */
import type { Change } from '@yardarm/contract';

export interface ChangeGroup {
  /** The change that speaks for the group: the one of the project's half, else the first. */
  readonly change: Change;
  /** Environments that the group touches, in the order of the history; the change's own among them. */
  readonly environments: readonly string[];
  /** The list ends within its change set, as far as can be known. */
  readonly isCut: boolean;
}

/** Groups neighbours of one change set and one entity; the order stays. `hasOlder`: what follows is not in the list. */
export function groupChanges(changes: readonly Change[], hasOlder = false): ChangeGroup[] {
  const groups: { change: Change; environments: string[] }[] = [];
  for (const change of changes) {
    const group = groups.at(-1);
    const environments = change.environment === null ? [] : [change.environment];
    if (!group || !belongTogether(group.change, change)) {
      groups.push({ change, environments });
      continue;
    }
    group.environments.push(...environments);
    if (change.environment === null) group.change = change;
  }
  // The project's half is the last of its change set: where it has come, nothing is missing.
  return groups.map((group, index) => ({
    ...group,
    isCut: hasOlder && index === groups.length - 1 && group.change.environment !== null,
  }));
}

function belongTogether(a: Change, b: Change): boolean {
  return changeSetOf(a) === changeSetOf(b) && a.kind === b.kind && a.key === b.key;
}

function changeSetOf({ id }: Change): string {
  return id.split('-')[0] as string;
}
