import { queryOptions } from '@tanstack/react-query';
import type { FlagVerdict, HygieneOverview } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

/** The server assesses a project once a minute. */
const REFETCH_MS = 60_000;

/** What is to be cleaned up in the project. */
export function hygieneQuery(project: string) {
  return queryOptions({
    queryKey: queryKeys.hygiene(project),
    queryFn: ({ signal }) => callApi<HygieneOverview>(apiPath('projects', project, 'hygiene'), { signal }),
    refetchInterval: REFETCH_MS,
  });
}

/** Whether one flag can be removed, as of now. */
export function verdictQuery(project: string, flag: string) {
  return queryOptions({
    queryKey: queryKeys.verdict(project, flag),
    queryFn: ({ signal }) => callApi<FlagVerdict>(apiPath('projects', project, 'flags', flag, 'verdict'), { signal }),
    refetchInterval: REFETCH_MS,
  });
}
