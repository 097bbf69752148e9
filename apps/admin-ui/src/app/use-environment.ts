/** The environment that the address names. Every page of a project keeps it, see router.tsx. */
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import type { Environment } from '@yardarm/contract';
import { useCallback } from 'react';
import { isProduction } from '../components/environment-name.tsx';

/** Key of the environment that was chosen, and the way to another; undefined: none in particular. */
export function useChosenEnvironment(): readonly [string | undefined, (environment: string | undefined) => void] {
  const search = useSearch({ strict: false });
  // The targeting of a flag is of one environment, which is part of its path.
  const params = useParams({ strict: false });
  const { project, flag } = params;
  const navigate = useNavigate();
  const switchTo = useCallback(
    (environment: string | undefined) => {
      if (params.environment === undefined || project === undefined || flag === undefined)
        return void navigate({ to: '.', search: (all) => ({ ...all, environment }), replace: true });
      if (environment === undefined)
        return void navigate({ to: '/projects/$project/flags/$flag', params: { project, flag }, search: { environment } });
      void navigate({
        to: '/projects/$project/flags/$flag/environments/$environment',
        params: { project, flag, environment },
        search: { environment },
      });
    },
    [navigate, params.environment, project, flag],
  );
  return [params.environment ?? search.environment, switchTo];
}

/** The one that a page shows which can show only one: the chosen one, else production, else the first. */
export function shownEnvironment(
  environments: readonly Environment[] | undefined,
  chosen: string | undefined,
): Environment | undefined {
  return environments?.find(({ key }) => key === chosen) ?? environments?.find(isProduction) ?? environments?.[0];
}
