/** What the server would refuse in an edit, found while it is typed and by the same code. */
import type { Flag } from '@yardarm/contract';
import { bodyPath, validate } from '@yardarm/evaluator/validate';
import { draftRuleSet, type Surroundings } from './draft-rule-set.ts';
import type { Targeting } from './targeting.ts';

export interface TargetingIssue {
  /** JSON Pointer into the targeting: `/rules/0/when/all/1/values/0`. */
  readonly path: string;
  readonly message: string;
}

export function targetingIssues(flag: Flag, now: Targeting, surroundings: Surroundings): readonly TargetingIssue[] {
  const prefix = bodyPath('flag', flag.key);
  const findings = validate(draftRuleSet(flag, now, surroundings)).flatMap(({ path, message }) =>
    path.startsWith(`${prefix}/`) ? [{ path: path.slice(prefix.length), message }] : [],
  );
  const missing = unfinished(now);
  // What is not there yet is said once, in words for whoever is still typing.
  return [
    ...missing,
    ...findings.filter(({ path }) => !missing.some((one) => path === one.path || path.startsWith(`${one.path}/`))),
  ];
}

/** The first sentence about the place, or anything in it. */
export function issueAt(issues: readonly TargetingIssue[], path: string): string | undefined {
  return issues.find((issue) => issue.path === path || issue.path.startsWith(`${path}/`))?.message;
}

/** What means something to the rule language, but not what anybody who leaves it so has meant. */
function unfinished({ rules, targets, prerequisites }: Targeting): TargetingIssue[] {
  const of = (list: readonly unknown[], name: string, isUnfinished: (index: number) => boolean, message: string) =>
    list.flatMap((_, index) => (isUnfinished(index) ? [{ path: `/${name}/${index}`, message }] : []));
  return [
    ...rules.flatMap(({ when }, index) => emptyPlaces(when, `/rules/${index}/when`)),
    ...of(
      targets,
      'targets',
      (index) => targets[index]?.keys.length === 0,
      'This target lists nobody yet. Name a key, or remove it.',
    ),
    ...of(
      prerequisites,
      'prerequisites',
      (index) => prerequisites[index]?.variants.length === 0,
      'Choose at least one variant that the other flag has to serve.',
    ),
  ];
}

function emptyPlaces(condition: Targeting['rules'][number]['when'], path: string): TargetingIssue[] {
  const parts = (list: readonly Targeting['rules'][number]['when'][], name: string) =>
    list.length === 0
      ? [{ path: `${path}/${name}`, message: 'This group is empty. Add a condition, or remove it.' }]
      : list.flatMap((part, index) => emptyPlaces(part, `${path}/${name}/${index}`));
  if ('all' in condition) return parts(condition.all, 'all');
  if ('any' in condition) return parts(condition.any, 'any');
  if ('not' in condition) return emptyPlaces(condition.not, `${path}/not`);
  if ('segment' in condition) return condition.segment === '' ? [{ path, message: 'Choose a segment.' }] : [];
  if ('now' in condition) return [];
  if (condition.attribute === '') return [{ path, message: 'Name an attribute of the context, such as country.' }];
  const takesValues = condition.op !== 'exists' && condition.op !== 'not_exists';
  return takesValues && (condition.values ?? []).length === 0 ? [{ path, message: 'Give a value to compare with.' }] : [];
}
