import { queryOptions, skipToken } from '@tanstack/react-query';
import type { FlagEvaluations, Grain } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

/** SDKs report once a minute. */
const REFETCH_MS = 30_000;

/** What was reported of one flag in one environment; undefined: there is none yet. */
export function evaluationsQuery(project: string, flag: string, environment: string | undefined, grain: Grain) {
  return queryOptions<FlagEvaluations>({
    queryKey: queryKeys.evaluationCounts(project, flag, environment ?? '', grain),
    queryFn:
      environment === undefined
        ? skipToken
        : ({ signal }) =>
            callApi(`${apiPath('projects', project, 'flags', flag, 'environments', environment, 'evaluations')}?grain=${grain}`, {
              signal,
            }),
    refetchInterval: REFETCH_MS,
    // The chart of another grain stays until the new one is there.
    placeholderData: (previous) => (previous?.flag === flag && previous.environment === environment ? previous : undefined),
  });
}
