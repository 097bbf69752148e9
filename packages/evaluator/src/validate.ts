/** For the server and tools: everything that is wrong with a rule set, in sentences. SDKs never load this. */
import { compile } from './compile.ts';
import type { IssueCode } from './compiled.ts';
import { READER_FACTOR } from './excess.ts';
import { findLimits, type LimitFinding } from './limits.ts';
import type { RuleSet } from './rule-set.ts';
import { sentenceOf } from './sentences.ts';

export { LIMITS } from './excess.ts';
export { bodyPath, escapeStep } from './place.ts';

export interface Finding {
  readonly code: IssueCode | LimitFinding['code'];
  /** JSON Pointer into the rule set. */
  readonly path: string;
  /** One sentence for the person who wrote it. */
  readonly message: string;
}

/**
 * All findings, not the first: every issue of `compile`, and what a reader would take but nobody may write
 * (limits, reserved names, inexact integers, variants that a prerequisite does not have). Empty: sound.
 * `bounds: 'read'` allows twice what may be written, which is what a reader has to take. Takes any JSON; never throws.
 */
export function validate(
  ruleSet: RuleSet,
  { bounds = 'write' }: { readonly bounds?: 'write' | 'read' } = {},
): readonly Finding[] {
  const rules = compile(ruleSet);
  const issues = rules.issues.map((issue) => ({ code: issue.code, path: issue.path, message: sentenceOf(issue, ruleSet) }));
  return [...issues, ...findLimits(rules, bounds === 'read' ? READER_FACTOR : 1)];
}
