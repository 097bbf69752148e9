import { queryOptions, skipToken } from '@tanstack/react-query';
import type { Flag } from '@yardarm/contract';
import { apiPath } from '../../../lib/api-client.ts';
import { listAll } from '../../../lib/page-of.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

/** Every flag of the project with its state in every environment. */
export function flagsQuery(project: string) {
  return queryOptions({
    queryKey: queryKeys.flags(project),
    queryFn: ({ signal, client }) =>
      listAll<Flag>(apiPath('projects', project, 'flags'), signal, (flags) =>
        client.setQueryData(flagsSoFarQuery(project).queryKey, flags),
      ),
  });
}

/** Those that have come while the list is fetched, so that the first page of thousands is not waited for. */
export function flagsSoFarQuery(project: string) {
  return queryOptions<readonly Flag[]>({ queryKey: queryKeys.flagsSoFar(project), queryFn: skipToken });
}
