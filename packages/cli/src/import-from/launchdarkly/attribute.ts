import type { Report } from '../report.ts';

/** What every translation needs to know of the file. */
export interface Scope extends Report {
  /** Kinds of context, other than `user`, that the file asks about. */
  readonly kinds: ReadonlySet<string>;
}

const USER = 'user';

/**
 * Where an attribute is in our contexts: those of `user` at the top, its key as `targetingKey`; those of another kind under the name of
 * the kind. Null, and refused, where our paths cannot say it. A reference without a kind is a plain name.
 */
export function attributePath(
  reference: string,
  contextKind: string | null | undefined,
  place: string,
  { kinds, refuse }: Scope,
): string | null {
  const kind = contextKind ?? USER;
  const isPointer = typeof contextKind === 'string' && reference.startsWith('/');
  const steps = isPointer
    ? reference
        .slice(1)
        .split('/')
        .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    : [reference];
  const [first = ''] = steps;
  const path = [
    ...(kind === USER ? [] : [kind]),
    ...(kind === USER && first === 'key' ? ['targetingKey', ...steps.slice(1)] : steps),
  ];
  if (path.some((step) => step === '' || step.includes('.')) || path.join('.').length > 256) {
    refuse(
      place,
      `Attribute '${reference}' has an empty step, a dot in a name, or more than 256 characters, which a path here cannot say; rename it.`,
    );
    return null;
  }
  if (kind === USER && (first === 'targetingKey' || kinds.has(first))) {
    refuse(
      place,
      `Attribute '${reference}' of a user would be at the place of ${first === 'targetingKey' ? "the user's key" : `the context of kind '${first}'`}; rename it.`,
    );
    return null;
  }
  return path.join('.');
}

/** Where the key of a context of the kind is: what is there only if the context has that kind. */
export function keyPath(contextKind: string | null | undefined, place: string, scope: Scope): string | null {
  return attributePath('key', contextKind ?? USER, place, scope);
}
