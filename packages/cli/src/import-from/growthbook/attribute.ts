import type { Report } from '../report.ts';

/** What every translation needs to know of the file. */
export interface Scope extends Report {
  readonly groups: ReadonlyMap<string, readonly unknown[]>;
}

/** What GrowthBook finds in lists, which our paths do not lead into. */
const INTO_LISTS = /^(?:length|\d+)$/;

/**
 * Where an attribute is in our contexts: where it was, but `id` as `targetingKey`. Null, and refused, where GrowthBook would read something
 * else than members of objects.
 */
export function attributePath(attribute: string, place: string, { refuse }: Scope): string | null {
  const [first = '', ...rest] = attribute.split('.');
  if ([first, ...rest].some((step) => step === '' || step in Object.prototype) || rest.some((step) => INTO_LISTS.test(step))) {
    refuse(place, `Attribute '${attribute}' leads into a list, or through a name that is empty or JavaScript's own; rename it.`);
    return null;
  }
  if (first === 'targetingKey') {
    refuse(place, "Attribute 'targetingKey' would be at the place of 'id'; rename it.");
    return null;
  }
  return [first === 'id' ? 'targetingKey' : first, ...rest].join('.');
}
