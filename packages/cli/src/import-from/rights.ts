/** What the token may do, asked before anything is written: a right that is missing half-way leaves flags behind that are off. */
import type { Environment, Right } from '@yardarm/contract';

/** Of a project. Without an environment: in the project as a whole. */
export type May = (action: string, environment?: string) => boolean;

/** Rights add up. One to an environment allows nothing in the project as a whole. */
export function mayIn(project: string, rights: readonly Right[]): May {
  return (action, environment) =>
    rights.some(
      (right) =>
        right.actions.includes(action) &&
        (right.project === null || right.project === project) &&
        (right.environment === null || right.environment === environment),
    );
}

/** What would be written: `isOn` by environment, for segments always false. */
export interface Wanted {
  readonly kind: 'flag' | 'segment';
  readonly isNew: boolean;
  readonly isOn: ReadonlyMap<string, boolean>;
}

/** Each right that is missing for it as a sentence; none: it may be written. */
export function missingRights(
  { kind, isNew, isOn }: Wanted,
  may: May,
  environments: readonly Pick<Environment, 'key' | 'protected'>[],
): readonly string[] {
  const sentences: string[] = [];
  const ask = (action: string, deed: string, environment?: string) => {
    if (!may(action, environment)) sentences.push(`The token may not ${deed} (${action}); an administrator can give that right.`);
  };
  if (isNew) ask(`${kind}.create`, `create ${kind}s`);
  for (const [key, on] of isOn) {
    ask(`${kind}.configure`, `change ${kind}s in ${key}`, key);
    if (on) ask('flag.unkill', `switch flags on in ${key}`, key);
    if (environments.some((one) => one.key === key && one.protected))
      ask('environment.release', `change what ${key} serves, which is protected`, key);
  }
  return sentences;
}
