/** What a review is about, in words: `emergency killed checkout and 2 more without a reason`. */
import type { Review } from '@yardarm/contract';

export interface ReviewSentence {
  readonly verb: string;
  /** Keys of what was changed; empty where it names nothing. */
  readonly what: string;
  readonly why: string;
}

const WHY: Readonly<Record<Review['cause'], string>> = {
  no_reason: 'without a reason',
  break_glass: 'with a break-glass token',
};

/** Follows the actor's name. */
export function reviewSentence({ cause, changeSet }: Review): ReviewSentence {
  const keys = [...new Set(changeSet.about.map(({ key }) => key))];
  const [first = '', ...others] = keys;
  const verb = changeSet.command.startsWith('flag.kill')
    ? 'killed'
    : changeSet.command === 'flag.unkill'
      ? 'switched on'
      : 'changed';
  return { verb, what: others.length === 0 ? first : `${first} and ${others.length} more`, why: WHY[cause] };
}
