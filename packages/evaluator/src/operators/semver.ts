/** The semver operators: Semantic Versioning 2.0, with a leading `v` and partial versions accepted. */
import { isString } from '../json.ts';
import type { CompileMatch } from './operators.ts';
import { holdsAt, orderOf } from './order.ts';

const VERSION =
  /^v?(0|[1-9]\d*)(?:\.(0|[1-9]\d*))?(?:\.(0|[1-9]\d*))?(?:-([\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*))?(?:\+[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?$/;
const NUMBER_WITH_LEADING_ZERO = /(^|\.)0\d+(\.|$)/;

/** Largest number in a version that `orderOfRelease` reads: one more digit is still an exact integer. */
const MAX_EXACT = 99_999_999;
const [ZERO, DOT, V] = [48, 46, 118];

export function versionOperator(sides: number): CompileMatch {
  return ([bound, ...more]) => {
    const boundKey = keyOfVersion(bound);
    if (boundKey === undefined || more.length > 0) return 'values';
    const [major, minor, patch, prerelease] = parseVersion(bound) ?? [];
    const release = [Number(major), Number(minor), Number(patch), prerelease === undefined ? 0 : 1];
    return (value) => {
      if (!isString(value)) return undefined;
      return holdsAt(orderOfRelease(value, release) ?? orderOf(keyOfVersion(value), boundKey), sides);
    };
  };
}

/** For releases in full, which nearly all versions are, without taking the text apart. Undefined for everything else. */
function orderOfRelease(text: string, bound: readonly number[]): number | undefined {
  let order = 0;
  let part = 0;
  let number = -1;
  for (let index = text.charCodeAt(0) === V ? 1 : 0; index < text.length; index++) {
    const digit = text.charCodeAt(index) - ZERO;
    if (digit >= 0 && digit <= 9) {
      if (number === 0 || number > MAX_EXACT) return undefined;
      number = number < 0 ? digit : number * 10 + digit;
    } else {
      if (digit !== DOT - ZERO || number < 0 || part === 2) return undefined;
      order ||= number - (bound[part] as number);
      part++;
      number = -1;
    }
  }
  if (part < 2 || number < 0) return undefined;
  // A release comes after the prereleases of the same numbers.
  return order || number - (bound[2] as number) || bound[3];
}

/** Major, minor, patch, and the prerelease where there is one; build metadata is dropped. Undefined for what is no version. */
export function parseVersion(value: unknown): readonly [string, string, string, string | undefined] | undefined {
  const [whole, major = '0', minor = '0', patch = '0', prerelease] = (isString(value) && VERSION.exec(value)) || [];
  if (whole === undefined || NUMBER_WITH_LEADING_ZERO.test(prerelease ?? '')) return undefined;
  return [major, minor, patch, prerelease];
}

/** A text whose order among its like is SemVer's precedence (clause 11). A release comes after its prereleases. */
function keyOfVersion(value: unknown): string | undefined {
  const version = parseVersion(value);
  if (version === undefined) return undefined;
  const [major, minor, patch, prerelease] = version;
  const identifiers = prerelease?.split('.').map((part) => (/^\d+$/.test(part) ? keyOfDecimal(part) : `a${part} `)) ?? ['b'];
  return [major, minor, patch].map(keyOfDecimal).concat(identifiers).join('');
}

/** Of any size: how long its length is, its length, the decimal. Begins with a digit. */
function keyOfDecimal(decimal: string): string {
  const length = String(decimal.length);
  return length.length + length + decimal;
}
