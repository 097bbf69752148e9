import { Fragment } from 'react';
import type { Phrase } from '../lib/rule-sentence.ts';

const LOOKS: Record<Phrase['kind'], string> = {
  text: 'text-ink-soft',
  attribute: 'font-medium font-mono text-xs',
  value: 'font-mono text-xs text-accent break-all',
  segment: 'font-medium underline decoration-line-strong underline-offset-3',
  variant: 'rounded bg-sunken border border-line px-1 font-medium font-mono text-xs',
};

/** A sentence whose attributes, values, segments and variants are set apart. */
export function Phrases({ phrases }: { readonly phrases: readonly Phrase[] }) {
  return phrases.map((phrase, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the words of a sentence have no identity but their place
    <Fragment key={index}>
      {index > 0 && !/^[,)]/.test(phrase.text) && phrases[index - 1]?.text !== '(' && ' '}
      <span className={LOOKS[phrase.kind]}>{phrase.text}</span>
    </Fragment>
  ));
}
