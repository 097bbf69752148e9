import { queryOptions, skipToken } from '@tanstack/react-query';
import type { EvaluationTrends } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

/** Days are drawn: a minute moves none of them. */
const REFETCH_MS = 60_000;

/** How often each flag was evaluated in the environment, day by day; undefined: none is chosen yet. */
export function trendsQuery(project: string, environment: string | undefined) {
  return queryOptions<EvaluationTrends>({
    queryKey: queryKeys.trends(project, environment ?? ''),
    queryFn:
      environment === undefined
        ? skipToken
        : ({ signal }) => callApi(apiPath('projects', project, 'environments', environment, 'evaluations'), { signal }),
    refetchInterval: REFETCH_MS,
  });
}
