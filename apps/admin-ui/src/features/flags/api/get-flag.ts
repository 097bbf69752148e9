import { queryOptions } from '@tanstack/react-query';
import type { Flag } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

export function flagQuery(project: string, flag: string) {
  return queryOptions({
    queryKey: queryKeys.flag(project, flag),
    queryFn: ({ signal }) => fetchFlag(project, flag, signal),
  });
}

export function fetchFlag(project: string, flag: string, signal?: AbortSignal): Promise<Flag> {
  return callApi<Flag>(apiPath('projects', project, 'flags', flag), signal && { signal });
}
