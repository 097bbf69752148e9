import { queryOptions } from '@tanstack/react-query';
import type { SignInMethods } from '@yardarm/contract';
import { callApi } from '../../../lib/api-client.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

/** How people may sign in besides by password. */
export function signInMethodsQuery() {
  return queryOptions({
    queryKey: queryKeys.signInMethods,
    queryFn: ({ signal }) => callApi<SignInMethods>('/session/methods', { signal }),
    staleTime: 60_000,
  });
}
