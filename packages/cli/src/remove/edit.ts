import type MagicString from 'magic-string';

/** A change of a text that was read, not applied yet. */
export type Edit = (text: MagicString) => void;

/** With its line, where nothing else stands on it. */
export function removeWithLine(
  edits: MagicString,
  { start, end }: { readonly start: number; readonly end: number },
  text: string,
): void {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const newline = text.indexOf('\n', end);
  const lineEnd = newline === -1 ? text.length : newline + 1;
  const isAlone = text.slice(lineStart, start).trim() === '' && text.slice(end, lineEnd).trim() === '';
  if (isAlone) edits.remove(lineStart, lineEnd);
  else edits.remove(start, end);
}
