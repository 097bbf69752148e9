import type { DiffEntry } from '@yardarm/contract';

/** Members whose name is not what the pages call them. */
const WORDS: Readonly<Record<string, string>> = {
  fallthrough: 'everybody else',
  offVariant: 'when off',
  when: 'condition',
  include: 'always in it',
  exclude: 'never in it',
  clientSide: 'send to browsers',
};

/** A difference whose place has a name on the pages. */
export interface PlacedEntry extends DiffEntry {
  /** `rule 4`; without it, its path has to do. */
  readonly place?: string;
}

/** Where a difference is: `rules › beta-testers › serve`. What stands below the first member may be anybody's own name. */
export function placeText({
  path: [member, ...inside],
  kind,
  place: named,
}: Pick<PlacedEntry, 'path' | 'kind' | 'place'>): string {
  if (named !== undefined) return named;
  const place = member === undefined ? 'everything' : [toWords(member), ...inside].join(' › ');
  return kind === 'order' ? `${place}, in order` : place;
}

function toWords(member: string): string {
  return WORDS[member] ?? member.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
