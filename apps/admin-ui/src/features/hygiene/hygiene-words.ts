/** Verdicts, their facts and the reasons of a lifecycle, in words. Pure. */
import type { AssessedFlag, FactState, Verdict } from '@yardarm/contract';
import type { Tone } from '../../components/ui/badge.tsx';
import { counted } from '../../lib/counted.ts';
import { toDay } from '../../lib/time.ts';

type Reason = AssessedFlag['reasons'][number];

export const VERDICT_WORDS: Record<Verdict, { readonly tone: Tone; readonly sentence: string }> = {
  safe: { tone: 'good', sentence: 'It can be removed: everything that is known speaks for it.' },
  caution: { tone: 'warn', sentence: 'Something is not known, or speaks against removing it.' },
  blocked: { tone: 'bad', sentence: 'Removing it would change what somebody gets.' },
};

export const STATE_WORDS: Record<FactState, string> = {
  ok: 'holds',
  unknown: 'not known',
  doubt: 'in doubt',
  blocks: 'does not hold',
};

/** Reasons that are no more than what reports say. */
const REPORTED: ReadonlySet<Reason['code']> = new Set(['never_evaluated', 'not_evaluated']);

/** `not evaluated since 3 Mar 2027`. */
export function reasonSentence({ code, since }: Reason): string {
  const day = since === null ? null : toDay(Date.parse(since));
  const from = day === null ? '' : ` since ${day}`;
  switch (code) {
    case 'archived':
      return `archived${from}`;
    case 'expiring':
      return day === null ? 'expires soon' : `expires soon, from ${day} on`;
    case 'expired':
      return `expired${from}`;
    case 'safe':
      return 'every fact speaks for removing it';
    case 'one_value':
      return `everybody has had one value${from}`;
    case 'never_evaluated':
      return `never evaluated${day === null ? '' : `, made on ${day}`}`;
    case 'not_evaluated':
      return `not evaluated${from}`;
    case 'code_gone':
      return `no default branch has named it${from}`;
  }
}

/** The sentence with its days as they are written elsewhere: `2027-03-03` as `3 Mar 2027`. Part of a name is no day. */
export function withDays(sentence: string): string {
  return sentence.replace(/(?<=^|\s)\d{4}-\d\d-\d\d(?=[\s.,:]|$)/g, (day) => toDay(Date.parse(day)));
}

/**
 * What is known of a flag's use, each as one short text.
 * @param coverage how many of the connected instances report, which stands beside all that reports say; undefined: not known yet
 */
export function evidenceOf(flag: AssessedFlag, coverage?: string): string[] {
  const { references, lastEvaluatedAt, awaitingDeploy } = flag;
  const reported = (text: string) => (coverage === undefined ? text : `${text} (${coverage})`);
  return [
    ...flag.reasons
      .filter(({ code }) => code !== 'expired' && code !== 'expiring')
      .map((reason) => (REPORTED.has(reason.code) ? reported(reasonSentence(reason)) : reasonSentence(reason))),
    ...(references === null ? [] : [`${counted(references, 'place')} in code`]),
    ...(lastEvaluatedAt === null || flag.reasons.some(({ code }) => code === 'not_evaluated')
      ? []
      : [reported(`last evaluated on ${toDay(Date.parse(lastEvaluatedAt))}`)]),
    ...(awaitingDeploy ? ['out of the code, and still in a build that runs'] : []),
  ];
}
