import { queryOptions } from '@tanstack/react-query';
import type { Session } from '@yardarm/contract';
import { callApi } from '../../../lib/api-client.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

/** Who is signed in; fails with `unauthenticated` where nobody is. */
export function sessionQuery() {
  return queryOptions({
    queryKey: queryKeys.session,
    queryFn: ({ signal }) => callApi<Session>('/session', { signal }),
    staleTime: 60_000,
  });
}
