/** What the person signed in may do here, so that a page leaves out or locks what the server would refuse. The server decides. */
import type { Environment, Right } from '@yardarm/contract';
import { createContext, useCallback, useContext } from 'react';

/** Whether `action` is allowed: everywhere in the project, or in one environment of it. */
export type May = (action: string, environment?: string) => boolean;

export const RightsContext = createContext<readonly Right[]>([]);

export function useMay(project: string): May {
  const rights = useContext(RightsContext);
  return useCallback((action, environment) => isAllowed(rights, action, { project, environment }), [rights, project]);
}

/** Why the reader may not do `action`, which changes what `environment` serves; undefined: they may. */
export function changeLock(
  may: May,
  action: string,
  environment: Pick<Environment, 'key' | 'name' | 'protected'>,
): string | undefined {
  return mayChange(may, action, environment) ? undefined : lacking(`change what ${environment.name} serves`);
}

/** Why the reader may not do `action`, in words `deed`, in `environment`, or in the project as a whole; undefined: they may. */
export function actionLock(may: May, action: string, deed: string, environment?: string): string | undefined {
  return may(action, environment) ? undefined : lacking(deed);
}

/** Why the switch of `environment`, which is `on` now, is not for the reader; undefined: it is. */
export function switchLock(
  may: May,
  environment: Pick<Environment, 'key' | 'name' | 'protected'>,
  on: boolean,
): string | undefined {
  if (on ? may('flag.kill', environment.key) : mayChange(may, 'flag.unkill', environment)) return undefined;
  return lacking(`switch flags ${on ? 'off' : 'on'} in ${environment.name}`);
}

function lacking(deed: string): string {
  return `You have no right to ${deed}. An administrator can give it.`;
}

/** Rights add up. One to an environment allows nothing in the project as a whole. */
export function isAllowed(
  rights: readonly Right[],
  action: string,
  { project, environment }: { readonly project: string; readonly environment: string | undefined },
): boolean {
  return rights.some(
    (right) =>
      right.actions.includes(action) &&
      (right.project === null || right.project === project) &&
      (right.environment === null || right.environment === environment),
  );
}

/** Whether `action`, which changes what `environment` serves, is allowed there: a protected one asks for one right more. */
export function mayChange(may: May, action: string, environment: Pick<Environment, 'key' | 'protected'>): boolean {
  return may(action, environment.key) && (!environment.protected || may('environment.release', environment.key));
}
