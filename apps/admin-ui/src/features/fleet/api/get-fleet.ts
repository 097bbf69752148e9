import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Convergence, ConvergenceRange, Fleet } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

/** No notification tells of instances that come and go. */
const REFETCH_MS = 5_000;
/** Servers write down what arrived every ten seconds. */
const CONVERGENCE_REFETCH_MS = 15_000;

export function fleetQuery(project: string, environment: string) {
  return queryOptions({
    queryKey: queryKeys.fleet(project, environment),
    queryFn: ({ signal }) => callApi<Fleet>(apiPath('projects', project, 'environments', environment, 'fleet'), { signal }),
    refetchInterval: REFETCH_MS,
  });
}

export function convergenceQuery(project: string, environment: string, range: ConvergenceRange) {
  const path = apiPath('projects', project, 'environments', environment, 'convergence');
  return queryOptions({
    queryKey: queryKeys.convergence(project, environment, range),
    queryFn: ({ signal }) => callApi<Convergence>(`${path}?range=${range}`, { signal }),
    refetchInterval: CONVERGENCE_REFETCH_MS,
    placeholderData: keepPreviousData,
  });
}
