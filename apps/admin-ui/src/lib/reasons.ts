import type { Tone } from '../components/ui/badge.tsx';

/** Why an answer is what it is, in words: the reasons of OpenFeature, and what went wrong. */
export const REASONS: Readonly<Record<string, { readonly label: string; readonly tone: Tone }>> = {
  STATIC: { label: 'everybody', tone: 'neutral' },
  TARGETING_MATCH: { label: 'a rule or target', tone: 'accent' },
  SPLIT: { label: 'a share', tone: 'accent' },
  DEFAULT: { label: 'no rule', tone: 'neutral' },
  DISABLED: { label: 'off', tone: 'neutral' },
  ERROR: { label: 'error', tone: 'bad' },
};
