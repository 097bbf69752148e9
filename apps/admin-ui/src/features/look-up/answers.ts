/** Answers to one context, flag by flag: how they are told, counted and found. Pure. */
import type { Answer } from './api/look-up.ts';

export interface AnswerFilter {
  readonly q: string;
  /** Empty: every reason. */
  readonly reason: string;
}

export function filterAnswers(answers: readonly Answer[], { q, reason }: AnswerFilter): readonly Answer[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  return answers.filter(({ flag, resolution }) => {
    const text = `${flag} ${resolution.variant ?? ''} ${JSON.stringify(resolution.value) ?? ''}`.toLowerCase();
    return (reason === '' || resolution.reason === reason) && words.every((word) => text.includes(word));
  });
}

/** The reasons that there are, the most frequent first. */
export function countReasons(answers: readonly Answer[]): readonly { readonly reason: string; readonly n: number }[] {
  const counts = new Map<string, number>();
  for (const { resolution } of answers) counts.set(resolution.reason, (counts.get(resolution.reason) ?? 0) + 1);
  return [...counts].map(([reason, n]) => ({ reason, n })).sort((a, b) => b.n - a.n);
}
