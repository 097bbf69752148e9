import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { UpdatedFlag, UpdateFlagInput } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { storeFlag } from './store-flag.ts';

/** `version`: the one that the edit was made from; a newer one on the server fails with `stale_version`. */
export function useUpdateFlag(project: string, key: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationKey: ['change', 'flag'],
    mutationFn: ({ version, input }: { readonly version: number; readonly input: UpdateFlagInput }) =>
      callApi<UpdatedFlag>(apiPath('projects', project, 'flags', key), { method: 'PATCH', body: input, ifVersion: version }),
    onSuccess: (flag) => storeFlag(queryClient, project, flag),
  });
}
