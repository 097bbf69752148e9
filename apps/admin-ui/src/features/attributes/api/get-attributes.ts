import { queryOptions } from '@tanstack/react-query';
import type { ContextAttribute } from '@yardarm/contract';
import { apiPath } from '../../../lib/api-client.ts';
import { listAll } from '../../../lib/page-of.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

/** What the project has declared about the contexts of its applications. */
export function attributesQuery(project: string) {
  return queryOptions({
    queryKey: queryKeys.attributes(project),
    queryFn: ({ signal }) => listAll<ContextAttribute>(apiPath('projects', project, 'attributes'), signal),
  });
}
