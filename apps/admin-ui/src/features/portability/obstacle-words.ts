/** Why only our own SDKs and OFREP decide a flag, in words. Pure. */
import type { PortabilityReport } from '@yardarm/contract';

type Obstacle = PortabilityReport['obstacles'][string][number];

/** By the codes of docs/flagd.md. */
const WORDS: Readonly<Record<string, string>> = {
  operator: 'an operator that flagd does not have',
  ignore_case: 'upper and lower case made the same, which flagd cannot do',
  attribute: 'the path of an attribute, which flagd reads otherwise',
  version: 'a version that is too long for flagd',
  instant: 'a time within a second, where flagd counts whole ones',
  salt: 'a salt that is not ASCII',
  hashed: 'hashed values, which flagd cannot read',
  prerequisite: 'a prerequisite that is not portable',
  variant: 'a variant that flagd cannot carry',
  key: 'a key that flagd cannot carry',
  size: 'too much targeting once everything is written out',
  unreadable: 'what is broken here too',
};

/** `an operator that flagd does not have (rule 1)`; each said once. */
export function obstacleWords(obstacles: readonly Obstacle[]): readonly string[] {
  return [...new Set(obstacles.map(({ code, path }) => `${WORDS[code] ?? code}${placeWords(path)}`))];
}

function placeWords(path: string): string {
  const [kind, key, member, index] = path.split('/').slice(1).map(unescapePointer);
  if (kind === 'segments') return ` (segment ${key})`;
  if (member === 'rules' && index !== undefined) return ` (rule ${Number(index) + 1})`;
  return '';
}

function unescapePointer(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}
