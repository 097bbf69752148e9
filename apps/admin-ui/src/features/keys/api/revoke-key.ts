import { useMutation, useQueryClient } from '@tanstack/react-query';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

export interface RevokeKey {
  readonly environment: string;
  readonly id: string;
}

export function useRevokeKey(project: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationKey: ['change', 'key'],
    mutationFn: ({ environment, id }: RevokeKey) =>
      callApi<unknown>(apiPath('projects', project, 'environments', environment, 'keys', id), { method: 'DELETE' }),
    onSuccess: (_, { environment }) => queryClient.invalidateQueries({ queryKey: queryKeys.keys(project, environment) }),
  });
}
