import { queryOptions } from '@tanstack/react-query';
import type { SdkKey } from '@yardarm/contract';
import { apiPath } from '../../../lib/api-client.ts';
import { listAll } from '../../../lib/page-of.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

export function keysQuery(project: string, environment: string) {
  return queryOptions({
    queryKey: queryKeys.keys(project, environment),
    queryFn: ({ signal }) => listAll<SdkKey>(apiPath('projects', project, 'environments', environment, 'keys'), signal),
  });
}
