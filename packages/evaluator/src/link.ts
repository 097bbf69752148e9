/** Whether a flag that reads well fits the other flags and the segments of its rule set. */
import { type CompiledFlag, type CompiledRuleSet, type Issue, readCell } from './compiled.ts';
import { bodyPath } from './place.ts';

/**
 * Evaluations, over all paths, that the prerequisites of one flag may cost a reader: twice what may be written.
 * A cycle is what exceeds any limit.
 */
const MAX_EVALUATIONS = 2_000;

/** In `soundness`, once that is found out. */
export const SOUND = 1;
const UNSOUND = 2;

/** False: some segment is missing or unreadable, or the prerequisites do not end. Remembered per version. */
export function isSound(rules: CompiledRuleSet, slot: number, flag: CompiledFlag): boolean {
  const { soundness } = rules;
  // An unknown prerequisite is no reason: it yields no variant, which switches this flag off.
  soundness[slot] ||= linkIssues(rules, '', flag).every(({ code }) => code === 'unknown_flag') ? SOUND : UNSOUND;
  return soundness[slot] === SOUND;
}

/** What is wrong with the references of a flag, with paths at the references. */
export function linkIssues(rules: CompiledRuleSet, key: string, flag: CompiledFlag): readonly Issue[] {
  const issues: Issue[] = [];
  const report = (code: Issue['code'], path: string) => issues.push({ code, path, kind: 'flag', key, unreadable: false });
  const prerequisites = `${bodyPath('flag', key)}/prerequisites`;
  for (const [slot, path] of flag.segments) {
    const cell = rules.segments[slot];
    if (cell === undefined) report('unknown_segment', path);
    else if (readCell(cell, rules.linker).issues.length > 0) report('unreadable_segment', path);
  }
  for (const [index, { slot }] of flag.prerequisites.entries()) {
    if (rules.flags[slot] === undefined) report('unknown_flag', `${prerequisites}/${index}/flag`);
  }
  if (countEvaluations(rules, flag, MAX_EVALUATIONS) > MAX_EVALUATIONS) report('prerequisites', prerequisites);
  return issues;
}

/**
 * How many evaluations of other flags the prerequisites of a flag cost over all paths; any number above `limit` if more.
 * It counts in the unrolled tree, so the answer depends on nothing but the bodies, and takes `limit` steps at most.
 */
export function countEvaluations(rules: CompiledRuleSet, flag: CompiledFlag, limit: number): number {
  let count = 0;
  for (const { slot } of flag.prerequisites) {
    if (count > limit) break;
    count++;
    const cell = rules.flags[slot];
    if (cell !== undefined) count += countEvaluations(rules, readCell(cell, rules.linker), limit - count);
  }
  return count;
}
