/**
 * Conditions and what they serve as sentences. A sentence is a list of phrases, so that the page can set
 * attributes, values, segments and variants apart; `toText` joins them for everything that wants plain text.
 */
import type { FlagEnvironment } from '@yardarm/contract';
import type { Condition, Operator } from '@yardarm/evaluator';
import { formatPercent, toRollout } from './rollout.ts';
import { toExactTime } from './time.ts';

export interface Phrase {
  readonly kind: 'text' | 'attribute' | 'value' | 'segment' | 'variant';
  readonly text: string;
}

/** What stands between an attribute and its values, and after them. */
export const OPERATOR_WORDS: Record<Operator, readonly [before: string, after?: string]> = {
  equals: ['is'],
  not_equals: ['is not'],
  in: ['is one of'],
  not_in: ['is none of'],
  contains: ['contains'],
  not_contains: ['does not contain'],
  starts_with: ['starts with'],
  ends_with: ['ends with'],
  matches: ['matches'],
  not_matches: ['does not match'],
  lt: ['is less than'],
  lte: ['is at most'],
  gt: ['is greater than'],
  gte: ['is at least'],
  before: ['is before'],
  after: ['is after'],
  semver_eq: ['is version'],
  semver_lt: ['is older than version'],
  semver_lte: ['is version', 'or older'],
  semver_gt: ['is newer than version'],
  semver_gte: ['is version', 'or newer'],
  ip_in_range: ['is in the network'],
  exists: ['is present'],
  not_exists: ['is absent'],
};

/** Lists longer than this end in `and 12 more`. */
const SHOWN_VALUES = 5;

/** `plan is one of "pro", "team" and country is "DE"`. `shownValues`: of a list, before `and 12 more`. */
export function conditionSentence(condition: Condition, shownValues = SHOWN_VALUES): Phrase[] {
  return phrasesOf(condition, { nested: false, shownValues });
}

/** `on`, `25 % on and 75 % off`, `the code default`. */
export function serveSentence(serve: FlagEnvironment['fallthrough']): Phrase[] {
  if (!serve) return [text('the code default')];
  if ('variant' in serve) return [{ kind: 'variant', text: serve.variant }];
  const shares = serve.split.weights
    .filter(([, weight]) => weight > 0)
    .map(([variant, weight]): Phrase[] => [text(formatPercent(weight)), { kind: 'variant', text: variant }]);
  const phrases = join(shares, 'and');
  return serve.split.by === 'targetingKey' ? phrases : [...phrases, text('by'), { kind: 'attribute', text: serve.split.by }];
}

/** What an edit of a fallthrough does: `on from 25 % to 40 %`, or one sentence before and one after. */
export function editSentence(before: FlagEnvironment['fallthrough'], after: FlagEnvironment['fallthrough']): Phrase[] {
  const from = toRollout(before);
  const to = toRollout(after);
  if (!from || !to || from.variant !== to.variant) return [...serveSentence(before), text('becomes'), ...serveSentence(after)];
  return [{ kind: 'variant', text: to.variant }, text(`from ${formatPercent(from.weight)} to`), text(formatPercent(to.weight))];
}

export function toText(phrases: readonly Phrase[]): string {
  return phrases.reduce(
    (all, { text: next }) => (all === '' || /^[,)]/.test(next) || all.endsWith('(') ? all + next : `${all} ${next}`),
    '',
  );
}

/** The values shown of a long list, and how many are left. */
export function shorten<T>(values: readonly T[], shown = SHOWN_VALUES): { readonly shown: readonly T[]; readonly more: number } {
  // One value more costs no more room than saying that there is one more.
  if (values.length <= shown + 1) return { shown: values, more: 0 };
  return { shown: values.slice(0, shown), more: values.length - shown };
}

interface Manner {
  readonly nested: boolean;
  readonly shownValues: number;
}

function phrasesOf(condition: Condition, manner: Manner): Phrase[] {
  if ('all' in condition) return group(condition.all, 'and', 'always', manner);
  if ('any' in condition) return group(condition.any, 'or', 'never', manner);
  if ('not' in condition) return notPhrases(condition.not, manner);
  if ('segment' in condition) return [text('in segment'), { kind: 'segment', text: condition.segment }];
  if ('now' in condition) {
    const instant = condition.values[0];
    return [text(`it is ${condition.now}`), value(instant === undefined ? 'no time' : toExactTime(instant))];
  }
  const [before, after] = OPERATOR_WORDS[condition.op];
  const values = condition.values ?? [];
  const { shown, more } = shorten(values, manner.shownValues);
  const phrases: Phrase[] = [{ kind: 'attribute', text: condition.attribute }, text(before)];
  if (values.length > 0) phrases.push(value(shown.map((one) => JSON.stringify(one)).join(', ')));
  if (more > 0) phrases.push(text(`and ${more} more`));
  if (after) phrases.push(text(after));
  if (condition.ignoreCase) phrases.push(text('(ignoring case)'));
  return phrases;
}

function group(parts: readonly Condition[], word: 'and' | 'or', empty: string, manner: Manner): Phrase[] {
  const [only, second] = parts;
  if (!only) return [text(empty)];
  if (!second) return phrasesOf(only, manner);
  const inner = { ...manner, nested: true };
  const phrases = parts.flatMap((part, index) =>
    index === 0 ? phrasesOf(part, inner) : [text(word), ...phrasesOf(part, inner)],
  );
  return manner.nested ? [text('('), ...phrases, text(')')] : phrases;
}

function notPhrases(condition: Condition, manner: Manner): Phrase[] {
  if ('segment' in condition) return [text('not in segment'), { kind: 'segment', text: condition.segment }];
  return [text('not ('), ...phrasesOf(condition, { ...manner, nested: false }), text(')')];
}

function join(parts: readonly Phrase[][], word: string): Phrase[] {
  return parts.flatMap((part, index) => {
    if (index === 0) return part;
    return index === parts.length - 1 ? [text(word), ...part] : [text(','), ...part];
  });
}

function text(words: string): Phrase {
  return { kind: 'text', text: words };
}

function value(words: string): Phrase {
  return { kind: 'value', text: words };
}
