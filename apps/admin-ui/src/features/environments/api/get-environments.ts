import { queryOptions } from '@tanstack/react-query';
import type { Environment } from '@yardarm/contract';
import { apiPath } from '../../../lib/api-client.ts';
import { listAll } from '../../../lib/page-of.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

/** Environments in the order that their project gives them. */
export function environmentsQuery(project: string) {
  return queryOptions({
    queryKey: queryKeys.environments(project),
    queryFn: ({ signal }) => listAll<Environment>(apiPath('projects', project, 'environments'), signal),
    select: (environments) => [...environments].sort((a, b) => a.position - b.position),
    staleTime: 30_000,
  });
}
