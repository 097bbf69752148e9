/**
 * What of a commit nobody uploaded. Each upload says which folders and files with code the commit has besides; what is in all of these is in
 * no upload. Pure.
 */

/**
 * @param rests of every upload of one commit what it leaves out, a folder standing for all in it; null: it does not say
 * @returns in order; empty: the uploads are all of the commit. Null: none of them says.
 */
export function uncovered(rests: readonly (readonly string[] | null)[]): string[] | null {
  const said = rests.filter((rest) => rest !== null);
  const [first, ...others] = said;
  if (first === undefined) return null;
  return [...others.reduce((left, rest) => common(left, new Set(rest)), new Set(first))].sort();
}

/** Of a folder and what is in it the latter. */
function common(left: ReadonlySet<string>, right: ReadonlySet<string>): Set<string> {
  return new Set([...[...left].filter((path) => isIn(path, right)), ...[...right].filter((path) => isIn(path, left))]);
}

/** Whether `paths` has it, or a folder that it is in. */
function isIn(path: string, paths: ReadonlySet<string>): boolean {
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) if (paths.has(path.slice(0, end))) return true;
  return false;
}
