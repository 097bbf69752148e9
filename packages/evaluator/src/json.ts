/** Reading JSON that may be anything. */

/** Conditions and object variants nest at most this deep, so that no JSON can exhaust the stack. */
export const MAX_DEPTH = 64;

type Members = { readonly [member: string]: unknown };

export function isObject(json: unknown): json is Members {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

export function isString(json: unknown): json is string {
  return typeof json === 'string';
}

/** A string that is not empty. */
export function isText(json: unknown): json is string {
  return isString(json) && json !== '';
}

/** A member of an object or array that is its own: a name that objects inherit is no member. */
export function ownMember(json: unknown, member: string | number): unknown {
  return typeof json === 'object' && json !== null && Object.hasOwn(json, member) ? (json as Members)[member] : undefined;
}
