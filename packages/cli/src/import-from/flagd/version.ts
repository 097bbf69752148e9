import type { Condition, Operator } from '@yardarm/evaluator';
import { allOf, anyOf, test } from '../conditions.ts';

const OPERATORS: { readonly [operator: string]: Operator } = {
  '=': 'semver_eq',
  '<': 'semver_lt',
  '<=': 'semver_lte',
  '>': 'semver_gt',
  '>=': 'semver_gte',
};
/** In full, or partial without anything behind the numbers: what flagd and the rule language read alike. */
const VERSION =
  /^v?(0|[1-9]\d{0,14})(?:\.(0|[1-9]\d{0,14}))?(?:\.(0|[1-9]\d{0,14})((?:-[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?)(?:\+[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?)?$/;

/** flagd's `sem_ver`. Undefined where the operator or the version is not one that it reads. */
export function compareVersion(attribute: string, operator: unknown, version: unknown): Condition | undefined {
  const match = typeof version === 'string' ? VERSION.exec(version) : null;
  if (match === null || typeof operator !== 'string') return undefined;
  const [, major = '0', minor = '0', patch = '0', prerelease = ''] = match;
  // The first of all versions with these numbers is its prerelease 0.
  const within = (from: string, to: string) =>
    allOf([test(attribute, 'semver_gte', [`${from}-0`]), test(attribute, 'semver_lt', [`${to}-0`])]);
  const full = `${major}.${minor}.${patch}${prerelease}`;
  if (operator === '^') return within(`${major}.0.0`, `${Number(major) + 1}.0.0`);
  if (operator === '~') return within(`${major}.${minor}.0`, `${major}.${Number(minor) + 1}.0`);
  if (operator === '!=') return anyOf([test(attribute, 'semver_lt', [full]), test(attribute, 'semver_gt', [full])]);
  const op = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  return op && test(attribute, op, [full]);
}
