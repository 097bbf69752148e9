/** Who belongs to a segment in one environment, and what is not right about an edit of that. */
import type { Segment } from '@yardarm/contract';
import { bodyPath, validate } from '@yardarm/evaluator/validate';
import { type Issue, mergeIssues, unfinishedPlaces } from '../../lib/issues.ts';
import { conditionSentence, toText } from '../../lib/rule-sentence.ts';

export type Members = Pick<Segment['environments'][number], 'include' | 'exclude' | 'when'>;

export interface MembersDraft {
  readonly before: Members;
  readonly version: number;
  readonly now: Members;
}

export function toMembers({ include, exclude, when }: Members): Members {
  return { include, exclude, when };
}

/** The parts that an edit changed, which are all that is sent. */
export function editedParts({ before, now }: MembersDraft): Partial<Members> {
  const edited = (['include', 'exclude', 'when'] as const).filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(now[name]),
  );
  return Object.fromEntries(edited.map((name) => [name, now[name]]));
}

/** The draft after an edit; null where it is back at what it was made from, so that what others publish is shown again. */
export function withEdit(
  draft: MembersDraft | null,
  half: Members & { readonly version: number },
  now: Members,
): MembersDraft | null {
  const next = { before: toMembers(half), version: half.version, ...draft, now };
  return Object.keys(editedParts(next)).length === 0 ? null : next;
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
  const prefix = bodyPath('segment', key);
  const found = validate(ruleSet).flatMap(({ path, message }) =>
    path.startsWith(`${prefix}/`) ? [{ path: path.slice(prefix.length), message }] : [],
  );
  return mergeIssues(now.when === null ? [] : unfinishedPlaces(now.when, '/when'), found);
}

/** `2 named, 1 excepted, plan is "pro"`; `nobody`. */
export function membersSentence({ include, exclude, when }: Members): string {
  const parts = [
    include.length > 0 ? `${include.length} named` : '',
    when === null ? '' : toText(conditionSentence(when)),
    exclude.length > 0 ? `${exclude.length} excepted` : '',
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
