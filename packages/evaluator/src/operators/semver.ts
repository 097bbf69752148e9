/** The operand of the semver operators: Semantic Versioning 2.0, with a leading `v` and partial versions accepted. */
import { type CompileMatch, type Holds, holdsAt } from './match.ts';

const VERSION =
  /^v?(0|[1-9]\d*)(?:\.(0|[1-9]\d*))?(?:\.(0|[1-9]\d*))?(?:-([\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*))?(?:\+[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?$/;

interface Version {
  /** Major, minor, patch in decimal: compared as text, so no number is too big. */
  readonly core: readonly [string, string, string];
  /** Empty: a release, which comes after all its prereleases. */
  readonly prerelease: readonly string[];
}

/** Largest part of a version that `orderOfPlain` takes: one more digit is still an exact integer. */
const MAX_PLAIN = 99_999_999;
const [ZERO, DOT, V] = [48, 46, 118];

export function compileVersion(holds: Holds): CompileMatch {
  return (values) => {
    const bound = values.length === 1 ? parseVersion(values[0]) : undefined;
    if (bound === undefined) return 'values';
    const [major = 0, minor = 0, patch = 0] = bound.core.map(Number);
    const isPlain = Math.max(major, minor, patch) <= MAX_PLAIN;
    // A release comes after its prereleases.
    const releaseAtSame = bound.prerelease.length;
    return (value) => {
      if (typeof value !== 'string') return undefined;
      const order = isPlain ? orderOfPlain(value, major, minor, patch) : undefined;
      if (order !== undefined) return holdsAt(order || releaseAtSame, holds);
      const version = parseVersion(value);
      // Read again rather than kept: this is the rare case, and there may be thousands of conditions.
      return version && holdsAt(compareVersions(version, parseVersion(values[0]) as Version), holds);
    };
  };
}

/** For releases, which nearly all versions are, without taking the text apart. Undefined for everything else. */
function orderOfPlain(text: string, major: number, minor: number, patch: number): number | undefined {
  let order = 0;
  let part = 0;
  let number = -1;
  for (let index = text.charCodeAt(0) === V ? 1 : 0; index <= text.length; index++) {
    const code = index === text.length ? DOT : text.charCodeAt(index);
    if (code === DOT) {
      if (number < 0 || part > 2) return undefined;
      if (order === 0) order = number - (part === 0 ? major : part === 1 ? minor : patch);
      part++;
      number = -1;
    } else {
      const digit = code - ZERO;
      if (digit < 0 || digit > 9 || number === 0 || number > MAX_PLAIN) return undefined;
      number = number < 0 ? digit : number * 10 + digit;
    }
  }
  if (order === 0 && part < 3) order = -(part === 1 ? minor || patch : patch);
  return order;
}

/** Missing parts are 0, build metadata is dropped. Undefined for anything that is not a version. */
export function parseVersion(value: unknown): Version | undefined {
  const match = typeof value === 'string' ? VERSION.exec(value) : null;
  if (match === null) return undefined;
  const [, major = '0', minor = '0', patch = '0', suffix] = match;
  const prerelease = suffix === undefined ? [] : suffix.split('.');
  if (prerelease.some((part) => /^0\d+$/.test(part))) return undefined;
  return { core: [major, minor, patch], prerelease };
}

/** Negative, zero or positive by SemVer 2.0 precedence (clause 11). */
function compareVersions(left: Version, right: Version): number {
  for (const index of [0, 1, 2] as const) {
    const order = compareDecimals(left.core[index], right.core[index]);
    if (order !== 0) return order;
  }
  if (left.prerelease.length === 0 || right.prerelease.length === 0) return right.prerelease.length - left.prerelease.length;
  for (const [index, part] of left.prerelease.entries()) {
    const other = right.prerelease[index];
    const order = other === undefined ? 1 : compareIdentifiers(part, other);
    if (order !== 0) return order;
  }
  return left.prerelease.length - right.prerelease.length;
}

/** Numeric identifiers by value and below all others; the others by ASCII order. */
function compareIdentifiers(left: string, right: string): number {
  const leftIsNumeric = /^\d+$/.test(left);
  const rightIsNumeric = /^\d+$/.test(right);
  if (leftIsNumeric && rightIsNumeric) return compareDecimals(left, right);
  if (leftIsNumeric !== rightIsNumeric) return leftIsNumeric ? -1 : 1;
  return compareTexts(left, right);
}

function compareDecimals(left: string, right: string): number {
  return left.length - right.length || compareTexts(left, right);
}

function compareTexts(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
