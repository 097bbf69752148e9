/** What a scan finds. `idiom` says in which form the code names the flag, so that a reader can judge the finding. */
export const IDIOMS = [
  'literal',
  'constant',
  'imported-constant',
  'key-object',
  'wrapper',
  'template',
  'typed-accessor',
  'hook',
  'decorator',
  'definition',
  'quoted',
  'bare',
  'other',
] as const;
export type Idiom = (typeof IDIOMS)[number];

export interface Reference {
  readonly flag: string;
  /** Relative to the directory searched, with forward slashes. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
  readonly idiom: Idiom;
}

export function compareReferences(a: Reference, b: Reference): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  if (a.line !== b.line || a.column !== b.column) return a.line - b.line || a.column - b.column;
  return a.flag < b.flag ? -1 : 1;
}

/** Line and column, both from 1, of offsets into one text. */
export function positionsIn(text: string): (offset: number) => { line: number; column: number } {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}
