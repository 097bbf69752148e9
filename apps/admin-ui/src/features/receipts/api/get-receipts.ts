import { queryOptions } from '@tanstack/react-query';
import type { Receipts } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

/** How far the newest revision of an environment has got. Changes by the millisecond: never served from the cache. */
export function receiptsQuery(project: string, environment: string) {
  return queryOptions({
    queryKey: queryKeys.receipts(project, environment),
    queryFn: ({ signal }) => callApi<Receipts>(apiPath('projects', project, 'environments', environment, 'receipts'), { signal }),
    staleTime: 0,
    gcTime: 0,
  });
}
