import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { SdkKey } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

export interface RotateKey {
  readonly environment: string;
  readonly id: string;
  readonly overlapHours: number;
}

/** Makes the key that replaces another one; the answer is the only one that ever carries its secret. */
export function useRotateKey(project: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationKey: ['change', 'key'],
    mutationFn: ({ environment, id, overlapHours }: RotateKey) =>
      callApi<SdkKey>(apiPath('projects', project, 'environments', environment, 'keys', id, 'rotate'), {
        method: 'POST',
        body: { overlapHours },
      }),
    // The secret must not outlive the dialog that shows it.
    gcTime: 0,
    onSuccess: (_, { environment }) => queryClient.invalidateQueries({ queryKey: queryKeys.keys(project, environment) }),
  });
}
