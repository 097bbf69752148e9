import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Session } from '@yardarm/contract';
import { callApi } from '../../../lib/api-client.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

/** Trades the token of a one-time link, or an API token, for a session cookie. */
export function useCreateSession() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (token: string) => callApi<Session>('/session', { method: 'POST', body: { token } }),
    onSuccess: (session) => {
      // Whatever is cached belongs to whoever was signed in before.
      queryClient.clear();
      queryClient.setQueryData(queryKeys.session, session);
    },
  });
}
