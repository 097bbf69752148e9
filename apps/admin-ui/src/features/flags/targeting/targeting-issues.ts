/** What the server would refuse in an edit, found while it is typed and by the same code. */
import type { Flag } from '@yardarm/contract';
import { bodyPath, validate } from '@yardarm/evaluator/validate';
import { type Issue, issuesWithin, mergeIssues, unfinishedPlaces } from '../../../lib/issues.ts';
import { draftRuleSet, type Surroundings } from './draft-rule-set.ts';
import type { Targeting, TargetingDraft } from './targeting.ts';

/** `before`: what the edit was made from. What somebody left so before is no reason to hold up another edit. */
export function targetingIssues(
  flag: Flag,
  { before, now }: Pick<TargetingDraft, 'before' | 'now'>,
  surroundings: Surroundings,
): readonly Issue[] {
  const found = issuesWithin(validate(draftRuleSet(flag, now, surroundings)), bodyPath('flag', flag.key));
  return mergeIssues(unfinished(now, before), found);
}

/** What means something to the rule language, but not what anybody who leaves it so has meant. */
function unfinished({ rules, targets, prerequisites }: Targeting, before: Targeting): Issue[] {
  const known = new Set([...before.rules, ...before.targets, ...before.prerequisites].map((part) => JSON.stringify(part)));
  const edited = <Part>(parts: readonly Part[], look: (part: Part, index: number) => Issue[]): Issue[] =>
    parts.flatMap((part, index) => (known.has(JSON.stringify(part)) ? [] : look(part, index)));
  return [
    ...edited(rules, ({ when }, index) => unfinishedPlaces(when, `/rules/${index}/when`)),
    ...edited(targets, ({ keys }, index) =>
      keys.length > 0 ? [] : [{ path: `/targets/${index}`, message: 'This target lists nobody yet. Name a key, or remove it.' }],
    ),
    ...edited(prerequisites, ({ variants }, index) =>
      variants.length > 0
        ? []
        : [{ path: `/prerequisites/${index}`, message: 'Choose at least one variant that the other flag has to serve.' }],
    ),
  ];
}
