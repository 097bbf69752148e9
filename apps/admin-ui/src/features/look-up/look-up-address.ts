/**
 * What is looked up, as the part of the address behind the `#`: browsers send that to no server, so that a context reaches no log of
 * one. Pure.
 */
export interface Question {
  /** As typed: JSON. */
  readonly context: string;
  /** As typed; empty: the newest. */
  readonly revision: string;
}

export const EMPTY_QUESTION: Question = { context: '{ "targetingKey": "" }', revision: '' };

/** Null: the address asks for nothing. */
export function parseQuestion(hash: string): Question | null {
  const parameters = new URLSearchParams(hash);
  const context = parameters.get('context');
  return context === null ? null : { context, revision: parameters.get('revision') ?? '' };
}

export function toHash({ context, revision }: Question): string {
  return new URLSearchParams({ context, ...(revision !== '' && { revision }) }).toString();
}

/** A revision that can be asked for; null: the newest; undefined: this is none. */
export function readRevision(typed: string): number | null | undefined {
  if (typed.trim() === '') return null;
  return /^\d{1,9}$/.test(typed.trim()) ? Number(typed) : undefined;
}

/** The context with another targeting key, in the words of the JSON that stands there; as it was where that is no object. */
export function withTargetingKey(context: string, parsed: object | null, targetingKey: string): string {
  return parsed === null ? context : JSON.stringify({ ...parsed, targetingKey }, null, 1).replace(/\n\s*/g, ' ');
}
