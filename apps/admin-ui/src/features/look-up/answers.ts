/** Answers to one context, flag by flag: how they are told, counted and found. Pure. */
import type { Trace } from '@yardarm/evaluator';
import type { Tone } from '../../components/ui/badge.tsx';

/** Why an answer is what it is, in words: the reasons of OpenFeature, and what went wrong. */
export const REASONS: Readonly<Record<string, { readonly label: string; readonly tone: Tone }>> = {
  STATIC: { label: 'everybody', tone: 'neutral' },
  TARGETING_MATCH: { label: 'a rule or target', tone: 'accent' },
  SPLIT: { label: 'a share', tone: 'accent' },
  DEFAULT: { label: 'no rule', tone: 'neutral' },
  DISABLED: { label: 'off', tone: 'neutral' },
  ERROR: { label: 'error', tone: 'bad' },
};

export interface AnswerFilter {
  readonly q: string;
  /** Empty: every reason. */
  readonly reason: string;
}

export function filterAnswers(answers: readonly Trace[], { q, reason }: AnswerFilter): readonly Trace[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  return answers.filter(({ flag, resolution }) => {
    const text = `${flag} ${resolution.variant ?? ''} ${JSON.stringify(resolution.value) ?? ''}`.toLowerCase();
    return (reason === '' || resolution.reason === reason) && words.every((word) => text.includes(word));
  });
}

/** The reasons that there are, the most frequent first. */
export function countReasons(answers: readonly Trace[]): readonly { readonly reason: string; readonly n: number }[] {
  const counts = new Map<string, number>();
  for (const { resolution } of answers) counts.set(resolution.reason, (counts.get(resolution.reason) ?? 0) + 1);
  return [...counts].map(([reason, n]) => ({ reason, n })).sort((a, b) => b.n - a.n);
}

/** In pieces of `size`, as a request takes them. */
export function chunksOf<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.slice(index * size, (index + 1) * size));
}
