/** Optimistic locking at the HTTP edge: `ETag: "v7"` on answers, `If-Match: "v7"` on edits. */
import { AppError } from '../errors.ts';

const ENTITY_TAG = /^"v([1-9]\d{0,9})"$/;

export function toEntityTag(version: number): string {
  return `"v${version}"`;
}

/** The version that an edit is based on. Throws `precondition_required` when absent, `validation_failed` when malformed. */
export function readIfMatch(header: string | undefined): number {
  if (header === undefined)
    throw new AppError(
      'precondition_required',
      'An edit needs the header If-Match with the ETag that it is based on, for example If-Match: "v3".',
    );
  const match = ENTITY_TAG.exec(header.trim());
  if (match === null)
    throw new AppError('validation_failed', `If-Match ${header.slice(0, 100)} is not an ETag of this API, such as "v3".`, {
      details: [{ path: 'headers.if-match', message: 'Expected "v" and a number, in double quotes.' }],
    });
  return Number(match[1]);
}

/** Throws `stale_version` with the entity as it stands when `expected` is not its version. */
export function requireVersion(expected: number, current: { readonly version: number }, name: string): void {
  if (expected === current.version) return;
  const message = `The current version is ${toEntityTag(current.version)}.`;
  throw new AppError('stale_version', `${name} was changed in the meantime. ${message} Look at it and edit again.`, {
    details: [{ path: 'headers.if-match', message, current }],
  });
}
