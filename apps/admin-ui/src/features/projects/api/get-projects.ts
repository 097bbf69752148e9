import { queryOptions } from '@tanstack/react-query';
import type { Project } from '@yardarm/contract';
import { listAll } from '../../../lib/page-of.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

export function projectsQuery() {
  return queryOptions({
    queryKey: queryKeys.projects,
    queryFn: ({ signal }) => listAll<Project>('/projects', signal),
    staleTime: 30_000,
  });
}
