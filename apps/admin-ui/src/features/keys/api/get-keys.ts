import { queryOptions } from '@tanstack/react-query';
import type { SdkKey } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import type { PageOf } from '../../../lib/page-of.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

export function keysQuery(project: string, environment: string) {
  return queryOptions({
    queryKey: queryKeys.keys(project, environment),
    queryFn: ({ signal }) =>
      callApi<PageOf<SdkKey>>(apiPath('projects', project, 'environments', environment, 'keys'), { signal }),
    select: (page) => page.items,
  });
}
