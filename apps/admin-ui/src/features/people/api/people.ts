import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { RightInput, User } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { listAll } from '../../../lib/page-of.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

export function usersQuery() {
  return queryOptions({ queryKey: queryKeys.users, queryFn: ({ signal }) => listAll<User>('/users', signal) });
}

export interface InviteUser {
  readonly name: string;
  readonly email: string | null;
  readonly grants: readonly RightInput[];
}

/** Invites somebody; the answer is the only one that ever carries the secret of their link. */
export function useInviteUser() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (body: InviteUser) => callApi<User>('/users', { method: 'POST', body }),
    // The secret must not outlive the dialog that shows it.
    gcTime: 0,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queryKeys.users }),
  });
}

/** Disables or enables somebody, or makes a link for a new password; only the last answer carries a secret. */
export function useChangeUser() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ id, verb }: { readonly id: string; readonly verb: 'disable' | 'enable' | 'reset' }) =>
      callApi<User>(apiPath('users', id, verb), { method: 'POST' }),
    gcTime: 0,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queryKeys.users }),
  });
}
