/**
 * One text per JSON value: members sorted by UTF-16 code units, no white space, undefined members left out.
 * Equal values have equal bytes on every server version, which is what tags and digests rest on.
 */

/**
 * Canonical JSON text of a plain JSON value.
 * Throws a TypeError for what JSON cannot hold (NaN, infinities, functions, undefined outside an object): a
 * silent `null` would be served for ever.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object') return canonicalObject(value);
  throw new TypeError(`A ${typeof value} has no JSON text: ${String(value)}`);
}

function canonicalObject(value: object): string {
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}
