/** What the server was told of applications, asked for again and again while somebody waits for theirs. */
import { queryOptions } from '@tanstack/react-query';
import type { Coverage, FlagEvaluations, Receipts } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

/** As long as one waits for a page to answer: no notification tells of a connection. */
export const WATCH_MS = 2_000;

export function watchReceiptsQuery(project: string, environment: string) {
  return queryOptions({
    queryKey: queryKeys.receipts(project, environment),
    queryFn: ({ signal }) => callApi<Receipts>(apiPath('projects', project, 'environments', environment, 'receipts'), { signal }),
  });
}

export function watchCoverageQuery(project: string, environment: string) {
  return queryOptions({
    queryKey: queryKeys.coverage(project, environment),
    queryFn: ({ signal }) => callApi<Coverage>(apiPath('projects', project, 'environments', environment, 'coverage'), { signal }),
  });
}

export function watchEvaluationsQuery(project: string, environment: string, flag: string) {
  const path = apiPath('projects', project, 'flags', flag, 'environments', environment, 'evaluations');
  return queryOptions({
    queryKey: queryKeys.evaluations(project, environment, flag),
    queryFn: ({ signal }) => callApi<FlagEvaluations>(`${path}?grain=hour`, { signal }),
  });
}
