/** Pieces of a YAML document, so that a long one need not be written in one turn. */
import { stringify } from 'yaml';

/** A text is one line: how those of several lines are indented would depend on what is around them. */
const ONE_LINE = { blockQuote: false, lineWidth: 0, doubleQuotedAsJSON: true } as const;

/** Text of a mapping, as the value of a member that stands at the left edge. */
export function toYaml(mapping: { readonly [member: string]: unknown }): string {
  const text = stringify(mapping, { aliasDuplicateObjects: false, ...ONE_LINE });
  // Line feeds alone: other characters that end a line for a regular expression are content here.
  return text.replace(/(^|\n)(?=[^\n])/g, '$1  ');
}
