import { queryOptions, skipToken } from '@tanstack/react-query';
import type { PortabilityReport } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

/** Which flags of the environment flagd cannot decide, and why; undefined: nobody asks. */
export function portabilityQuery(project: string, environment: string | undefined) {
  return queryOptions<PortabilityReport>({
    queryKey: queryKeys.portability(project, environment ?? ''),
    queryFn:
      environment === undefined
        ? skipToken
        : ({ signal }) => callApi(apiPath('projects', project, 'environments', environment, 'portability'), { signal }),
  });
}
