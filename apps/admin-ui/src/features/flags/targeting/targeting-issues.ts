/** What the server would refuse in an edit, found while it is typed and by the same code. */
import type { Flag } from '@yardarm/contract';
import { bodyPath, validate } from '@yardarm/evaluator/validate';
import { type Issue, mergeIssues, unfinishedPlaces } from '../../../lib/issues.ts';
import { draftRuleSet, type Surroundings } from './draft-rule-set.ts';
import type { Targeting } from './targeting.ts';

export function targetingIssues(flag: Flag, now: Targeting, surroundings: Surroundings): readonly Issue[] {
  const prefix = bodyPath('flag', flag.key);
  const findings = validate(draftRuleSet(flag, now, surroundings)).flatMap(({ path, message }) =>
    path.startsWith(`${prefix}/`) ? [{ path: path.slice(prefix.length), message }] : [],
  );
  return mergeIssues(unfinished(now), findings);
}

/** What means something to the rule language, but not what anybody who leaves it so has meant. */
function unfinished({ rules, targets, prerequisites }: Targeting): Issue[] {
  const of = (list: readonly unknown[], name: string, isUnfinished: (index: number) => boolean, message: string) =>
    list.flatMap((_, index) => (isUnfinished(index) ? [{ path: `/${name}/${index}`, message }] : []));
  return [
    ...rules.flatMap(({ when }, index) => unfinishedPlaces(when, `/rules/${index}/when`)),
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
