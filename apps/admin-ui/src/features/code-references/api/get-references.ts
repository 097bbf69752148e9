import { queryOptions } from '@tanstack/react-query';
import type { FlagReferences } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

/** Where code names the flag. Uploads come from pipelines, and no notification tells of them. */
export function referencesQuery(project: string, flag: string) {
  return queryOptions({
    queryKey: queryKeys.codeReferences(project, flag),
    queryFn: ({ signal }) => callApi<FlagReferences>(apiPath('projects', project, 'flags', flag, 'code-references'), { signal }),
    staleTime: 30_000,
  });
}
