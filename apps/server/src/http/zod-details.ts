/** Zod issues to the details of `validation_failed`: every issue, each with the JSON path of its place. */
import type { core } from 'zod';
import type { ErrorDetail } from '../errors.ts';

type Issue = core.$ZodIssue;
type Path = readonly PropertyKey[];

/** `location` is put in front of paths outside the body: `query`, `params`, `headers`. */
export function toDetails(issues: readonly Issue[], location?: string): ErrorDetail[] {
  const start: Path = location === undefined ? [] : [location];
  return issues.flatMap((issue) => flatten(issue, start));
}

/** `['rules', 0, 'when']` to `rules[0].when`; names that are not plain are quoted: `variants["a b"]`. */
export function toJsonPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (PLAIN_NAME.test(String(step))) text += text === '' ? String(step) : `.${String(step)}`;
    else text += `[${JSON.stringify(String(step))}]`;
  }
  return text;
}

const PLAIN_NAME = /^[\w$-]+$/;

function flatten(issue: Issue, parent: Path): ErrorDetail[] {
  const path = [...parent, ...issue.path];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // The caller meant one branch; complaints of all others would bury its one mistake.
    const meant = issue.errors.reduce((best, branch) => (distance(branch) < distance(best) ? branch : best));
    return meant.flatMap((inner) => flatten(inner, path));
  }
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: toJsonPath([...path, key]), message: `Unknown member '${key}'.`, code: issue.code }));
  return [{ path: toJsonPath(path), message: issue.message, code: issue.code }];
}

/** How far the input is from a branch of a union: complaints at the top weigh most, unknown members above all. */
function distance(branch: readonly Issue[]): number {
  const weights = branch.map((issue): number => {
    if (issue.code === 'unrecognized_keys') return 100 * issue.keys.length;
    return issue.path.length <= 1 ? 10 : 1;
  });
  return weights.reduce((sum, weight) => sum + weight, 0);
}
