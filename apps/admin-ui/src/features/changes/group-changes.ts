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
}

/** Groups neighbours of one change set and one entity; the order stays. */
export function groupChanges(changes: readonly Change[]): ChangeGroup[] {
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
  return groups;
}

function belongTogether(a: Change, b: Change): boolean {
  return changeSetOf(a) === changeSetOf(b) && a.kind === b.kind && a.key === b.key;
}

function changeSetOf({ id }: Change): string {
  return id.split('-')[0] as string;
}
