/** The operand of the semver operators: Semantic Versioning 2.0, with a leading `v` and partial versions accepted. */

const VERSION =
  /^v?(0|[1-9]\d*)(?:\.(0|[1-9]\d*))?(?:\.(0|[1-9]\d*))?(?:-([\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*))?(?:\+[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?$/;

export interface Version {
  /** Major, minor, patch in decimal: compared as text, so no number is too big. */
  readonly core: readonly [string, string, string];
  /** Empty: a release, which comes after all its prereleases. */
  readonly prerelease: readonly string[];
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
export function compareVersions(left: Version, right: Version): number {
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
