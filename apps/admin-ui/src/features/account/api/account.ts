import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { OpenSession, Session } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { listAll } from '../../../lib/page-of.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

/** Where one is signed in. */
export function sessionsQuery() {
  return queryOptions({ queryKey: queryKeys.sessions, queryFn: ({ signal }) => listAll<OpenSession>('/sessions', signal) });
}

export function useEndSession() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => callApi<void>(apiPath('sessions', id), { method: 'DELETE' }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queryKeys.sessions }),
  });
}

/** Ends every session, this one included. */
export function useEndAllSessions() {
  return useMutation({ mutationFn: () => callApi<void>('/sessions', { method: 'DELETE' }) });
}

export interface ChangePassword {
  /** Left out by whoever has none yet. */
  readonly current: string | undefined;
  readonly password: string;
}

/** Ends every other session. */
export function useChangePassword() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (body: ChangePassword) => callApi<Session>('/password', { method: 'PATCH', body, repetition: 'never' }),
    // Neither password outlives the form.
    gcTime: 0,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queryKeys.sessions }),
  });
}
