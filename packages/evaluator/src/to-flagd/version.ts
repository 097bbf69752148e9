/** Versions, within what flagd's sem_ver reads. */
import { parseVersion } from '../operators/semver.ts';
import type { Logic } from './definition.ts';
import { and, isText } from './logic.ts';

const OPERATIONS: { readonly [operator: string]: string } = {
  semver_eq: '=',
  semver_lt: '<',
  semver_lte: '<=',
  semver_gt: '>',
  semver_gte: '>=',
};

/** The longest text that flagd reads as a version. */
const MAX_CHARACTERS = 256;

/**
 * Compares an attribute with a version. Undefined if flagd cannot read the version. The guards keep out what flagd
 * takes for a version and the rule language does not: numbers, blanks around it, a capital V, more than one v.
 */
export function compareVersion(value: Logic, op: string, bound: unknown): Logic | undefined {
  const version = fullVersion(bound);
  if (version === undefined) return undefined;
  const firstDigit: Logic = { if: [{ starts_with: [value, 'v'] }, { substr: [value, 1, 1] }, { substr: [value, 0, 1] }] };
  return and(
    isText(value),
    { in: [firstDigit, '0123456789'] },
    { in: [{ substr: [value, -1] }, '0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'] },
    { sem_ver: [value, OPERATIONS[op] ?? '=', version] },
  );
}

/** In full, since other readers are stricter about partial versions, and without build metadata, which decides nothing. */
function fullVersion(bound: unknown): string | undefined {
  const version = parseVersion(bound);
  if (version === undefined) return undefined;
  const [major, minor, patch, prerelease] = version;
  const numbers = [major, minor, patch, ...(prerelease?.split('.') ?? []).filter((part) => /^\d+$/.test(part))];
  const text = `${major}.${minor}.${patch}${prerelease === undefined ? '' : `-${prerelease}`}`;
  return text.length <= MAX_CHARACTERS && numbers.every((part) => Number.isSafeInteger(Number(part))) ? text : undefined;
}
