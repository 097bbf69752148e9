import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { SdkKey } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

export interface CreateKey {
  readonly environment: string;
  readonly kind: SdkKey['kind'];
  readonly name: string;
}

/** Makes an SDK key; the answer is the only one that ever carries its secret. */
export function useCreateKey(project: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationKey: ['change', 'key'],
    mutationFn: ({ environment, ...body }: CreateKey) =>
      callApi<SdkKey>(apiPath('projects', project, 'environments', environment, 'keys'), { method: 'POST', body }),
    // The secret must not outlive the dialog that shows it.
    gcTime: 0,
    onSuccess: (_, { environment }) => queryClient.invalidateQueries({ queryKey: queryKeys.keys(project, environment) }),
  });
}
