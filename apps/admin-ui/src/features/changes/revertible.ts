import type { Change } from '@yardarm/contract';

/**
 * Whether it makes sense to offer a revert of this change. Only what is certain is left out (a creation, a kill, archiving);
 * the server has the last word, in a sentence.
 */
export function isRevertible({ kind, before, after }: Change): boolean {
  if (!REVERTIBLE_KINDS.has(kind) || !isObject(before) || !isObject(after) || 'archived' in after) return false;
  return !('on' in after) || after.on === true;
}

/** What a revert of it asks for the right to. */
export function revertAction({ kind, environment }: Pick<Change, 'kind' | 'environment'>): string {
  return `${kind}.${environment !== null && (kind === 'flag' || kind === 'segment') ? 'configure' : 'update'}`;
}

const REVERTIBLE_KINDS: ReadonlySet<string> = new Set(['flag', 'segment', 'environment', 'project']);

function isObject(state: unknown): state is { readonly [member: string]: unknown } {
  return typeof state === 'object' && state !== null;
}
