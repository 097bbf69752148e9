/** What every format of `yardarm check` is made of. */
import type { Finding } from '../findings.ts';

export interface Report {
  readonly project: string;
  readonly findings: readonly Finding[];
  /** Files that were read. */
  readonly files: number;
  /** `/` and forward slashes, from the root of the repository to the tree that was searched; empty for the root itself. */
  readonly prefix: string;
  /** Of the command line that made it. */
  readonly version: string;
}

/** As CI systems want it: from the root of the repository. */
export function pathOf(place: NonNullable<Finding['place']>, { prefix }: Report): string {
  return `${prefix}${place.file}`;
}

export function countOf(findings: readonly Finding[], severity: Finding['severity']): number {
  return findings.filter((finding) => finding.severity === severity).length;
}
