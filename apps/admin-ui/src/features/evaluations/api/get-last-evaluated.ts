import { queryOptions } from '@tanstack/react-query';
import type { LastEvaluations } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

/** SDKs report once a minute and no notification tells of it: a quarter of that is soon enough. */
const REFETCH_MS = 15_000;

/** When each flag of the project was last evaluated, and how many of the connected instances report. */
export function lastEvaluatedQuery(project: string) {
  return queryOptions({
    queryKey: queryKeys.lastEvaluated(project),
    queryFn: ({ signal }) => callApi<LastEvaluations>(apiPath('projects', project, 'last-evaluated'), { signal }),
    refetchInterval: REFETCH_MS,
  });
}
