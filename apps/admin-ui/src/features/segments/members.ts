/** Who belongs to a segment in one environment, and what is not right about an edit of that. */
import type { Segment } from '@yardarm/contract';
import { bodyPath, validate } from '@yardarm/evaluator/validate';
import type { Draft } from '../../lib/draft.ts';
import { type Issue, issuesWithin, mergeIssues, unfinishedPlaces } from '../../lib/issues.ts';
import { conditionSentence, toText } from '../../lib/rule-sentence.ts';

export type Members = Pick<Segment['environments'][number], 'include' | 'exclude' | 'when'>;

export type MembersDraft = Draft<Members>;

export function toMembers({ include, exclude, when }: Members): Members {
  return { include, exclude, when };
}

export function memberIssues(key: string, now: Members): readonly Issue[] {
  const body = { ...now, revision: 1, tag: '0000000000000000' };
  const ruleSet = {
    format: 1,
    project: '',
    environment: '',
    epoch: '1-draft',
    revision: 1,
    flags: {},
    segments: { [key]: body },
  } as const;
  const found = issuesWithin(validate(ruleSet), bodyPath('segment', key));
  return mergeIssues(now.when === null ? [] : unfinishedPlaces(now.when, '/when'), found);
}

/** `2 named, 1 excepted, plan is "pro"`; `nobody`. */
export function membersSentence({ include, exclude, when }: Members): string {
  const parts = [
    include.length > 0 ? `${include.length.toLocaleString('en-GB')} named` : '',
    when === null ? '' : toText(conditionSentence(when)),
    exclude.length > 0 ? `${exclude.length.toLocaleString('en-GB')} excepted` : '',
  ].filter(Boolean);
  return include.length === 0 && when === null ? 'nobody' : parts.join(', ');
}

/** Of a difference in members, one side in words. */
export function membersText({ path: [member] }: { readonly path: readonly string[] }, value: unknown): string | undefined {
  if (member !== 'when') return undefined;
  return value === null
    ? 'no condition'
    : toText(conditionSentence(value as NonNullable<Members['when']>, Number.POSITIVE_INFINITY));
}
