import { queryOptions } from '@tanstack/react-query';
import type { Flag } from '@yardarm/contract';
import { apiPath } from '../../../lib/api-client.ts';
import { listAll } from '../../../lib/page-of.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

/** Every flag of the project with its state in every environment. */
export function flagsQuery(project: string) {
  return queryOptions({
    queryKey: queryKeys.flags(project),
    queryFn: ({ signal }) => listAll<Flag>(apiPath('projects', project, 'flags'), signal),
  });
}
