import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { ApiToken, RightInput } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { listAll } from '../../../lib/page-of.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

export function tokensQuery() {
  return queryOptions({ queryKey: queryKeys.tokens, queryFn: ({ signal }) => listAll<ApiToken>('/tokens', signal) });
}

export interface CreateToken {
  readonly name: string;
  readonly kind: ApiToken['kind'];
  readonly grants: readonly RightInput[] | undefined;
  readonly expiresAt: string | null;
}

/** Makes an API token; the answer is the only one that ever carries its secret. */
export function useCreateToken() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (body: CreateToken) => callApi<ApiToken>('/tokens', { method: 'POST', body }),
    // The secret must not outlive the dialog that shows it.
    gcTime: 0,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queryKeys.tokens }),
  });
}

export function useRevokeToken() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => callApi<ApiToken>(apiPath('tokens', id), { method: 'DELETE' }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queryKeys.tokens }),
  });
}
