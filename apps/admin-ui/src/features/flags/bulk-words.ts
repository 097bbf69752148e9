/** What is done to several flags at once, in words. Pure. */
import type { EditedFlags } from '@yardarm/contract';
import { counted } from '../../lib/counted.ts';
import type { BulkEdit } from './api/edit-flags.ts';

export type BulkVerb = BulkEdit['do'];

export const BULK_VERBS: Record<BulkVerb, { readonly button: string; readonly done: string; readonly already: string }> = {
  add_tag: { button: 'Add tag', done: 'tagged', already: 'had the tag already' },
  remove_tag: { button: 'Remove tag', done: 'no longer tagged', already: 'did not have the tag' },
  owner: { button: 'Change owner', done: 'given to the new owner', already: 'had that owner already' },
  archive: { button: 'Archive', done: 'archived', already: 'archived already' },
  kill: { button: 'Kill', done: 'killed', already: 'off already' },
};

/** `12 flags archived, 2 archived already, 1 left as it was`. */
export function outcomeSentence(verb: BulkVerb, { changed, unchanged, refused }: EditedFlags): string {
  const { done, already } = BULK_VERBS[verb];
  return [
    `${counted(changed.length, 'flag')} ${done}`,
    unchanged.length > 0 && `${unchanged.length} ${already}`,
    refused.length > 0 && `${refused.length} left as ${refused.length === 1 ? 'it was' : 'they were'}`,
  ]
    .filter(Boolean)
    .join(', ');
}
