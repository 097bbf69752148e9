/** What keeps an edit from being published, and where. */
import type { Condition } from '@yardarm/evaluator';

export interface Issue {
  /** JSON Pointer into what is edited: `/rules/0/when/all/1/values/0`. */
  readonly path: string;
  readonly message: string;
}

/** The first sentence about the place, or anything in it. */
export function issueAt(issues: readonly Issue[], path: string): string | undefined {
  return issues.find((issue) => isWithin(issue.path, path))?.message;
}

/** Those of a whole rule set that lie in the body at `place`, with paths from there. */
export function issuesWithin(found: readonly Issue[], place: string): readonly Issue[] {
  return found.flatMap(({ path, message }) =>
    path.startsWith(`${place}/`) ? [{ path: path.slice(place.length), message }] : [],
  );
}

/** What is not there yet is said once, in words for whoever is still typing; then what else was found. */
export function mergeIssues(unfinished: readonly Issue[], found: readonly Issue[]): readonly Issue[] {
  return [...unfinished, ...found.filter(({ path }) => !unfinished.some((one) => isWithin(path, one.path)))];
}

/** What means something to the rule language, but not what anybody who leaves a condition so has meant. */
export function unfinishedPlaces(condition: Condition, path: string): Issue[] {
  const parts = (list: readonly Condition[], name: string) =>
    list.length === 0
      ? [{ path: `${path}/${name}`, message: 'This group is empty. Add a condition, or remove it.' }]
      : list.flatMap((part, index) => unfinishedPlaces(part, `${path}/${name}/${index}`));
  if ('all' in condition) return parts(condition.all, 'all');
  if ('any' in condition) return parts(condition.any, 'any');
  if ('not' in condition) return unfinishedPlaces(condition.not, `${path}/not`);
  if ('segment' in condition) return condition.segment === '' ? [{ path, message: 'Choose a segment.' }] : [];
  if ('now' in condition) return [];
  if (condition.attribute === '') return [{ path, message: 'Name an attribute of the context, such as country.' }];
  const takesValues = condition.op !== 'exists' && condition.op !== 'not_exists';
  return takesValues && (condition.values ?? []).length === 0 ? [{ path, message: 'Give a value to compare with.' }] : [];
}

function isWithin(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}
