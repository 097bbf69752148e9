import { queryOptions } from '@tanstack/react-query';
import type { Segment } from '@yardarm/contract';
import { apiPath } from '../../../lib/api-client.ts';
import { listAll } from '../../../lib/page-of.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

/** Every segment of the project with its members in every environment. */
export function segmentsQuery(project: string) {
  return queryOptions({
    queryKey: queryKeys.segments(project),
    queryFn: ({ signal }) => listAll<Segment>(apiPath('projects', project, 'segments'), signal),
  });
}
