import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { CreateFlagInput, Flag } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

export function useCreateFlag(project: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationKey: ['change', 'flag'],
    mutationFn: (body: CreateFlagInput) => callApi<Flag>(apiPath('projects', project, 'flags'), { method: 'POST', body }),
    onSuccess: (flag) => {
      queryClient.setQueryData(queryKeys.flag(project, flag.key), flag);
      return queryClient.invalidateQueries({ queryKey: queryKeys.flags(project) });
    },
  });
}
