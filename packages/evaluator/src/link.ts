/** Whether a flag that reads well fits the other flags and the segments of its rule set. */
import type { CompiledFlag, CompiledRuleSet, Issue } from './compiled.ts';
import { bodyPath } from './report.ts';

/**
 * Evaluations, over all paths, that the prerequisites of one flag may cost a reader: twice what may be written.
 * A cycle is what exceeds any limit.
 */
const MAX_EVALUATIONS = 2_000;

/** False: some segment is missing or unreadable, or the prerequisites do not end. Remembered per version. */
export function isSound(rules: CompiledRuleSet, slot: number, flag: CompiledFlag): boolean {
  if (flag.segments.size === 0 && flag.prerequisites.length === 0) return true;
  let sound = rules.sound.get(slot);
  if (sound === undefined) {
    // An unknown prerequisite is no reason: it yields no variant, which switches this flag off.
    sound = linkIssues(rules, '', flag).every(({ code }) => code === 'unknown_flag');
    rules.sound.set(slot, sound);
  }
  return sound;
}

/** What is wrong with the references of a flag, with paths at the references. */
export function linkIssues(rules: CompiledRuleSet, key: string, flag: CompiledFlag): readonly Issue[] {
  const issues: Issue[] = [];
  const report = (code: Issue['code'], path: string) =>
    issues.push({ code, path: bodyPath('flag', key) + path, kind: 'flag', key, unreadable: false });
  for (const [slot, path] of flag.segments) {
    const segment = rules.segments[slot]?.read();
    if (segment === undefined) report('unknown_segment', path);
    else if (segment.issues.length > 0) report('unreadable_segment', path);
  }
  for (const [index, { slot }] of flag.prerequisites.entries()) {
    if (rules.flags[slot] === undefined) report('unknown_flag', `/prerequisites/${index}/flag`);
  }
  if (evaluationsWithin(rules, flag, MAX_EVALUATIONS) === undefined) report('prerequisites', '/prerequisites');
  return issues;
}

/**
 * How many evaluations of other flags the prerequisites of a flag cost over all paths; undefined if more than
 * `limit`. It counts in the unrolled tree, so the answer depends on nothing but the bodies, and takes `limit` steps at most.
 */
export function evaluationsWithin(rules: CompiledRuleSet, flag: CompiledFlag, limit: number): number | undefined {
  let count = 0;
  for (const { slot } of flag.prerequisites) {
    count++;
    const other = rules.flags[slot]?.read();
    const below = other === undefined || count > limit ? 0 : evaluationsWithin(rules, other, limit - count);
    if (below === undefined || count + below > limit) return undefined;
    count += below;
  }
  return count;
}
