import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Flag } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { storeFlag } from './store-flag.ts';

export function useArchiveFlag(project: string, key: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationKey: ['change', 'flag'],
    mutationFn: ({ verb, reason }: { readonly verb: 'archive' | 'unarchive'; readonly reason: string }) =>
      callApi<Flag>(apiPath('projects', project, 'flags', key, verb), { method: 'POST', body: reason ? { reason } : {} }),
    onSuccess: (flag) => storeFlag(queryClient, project, flag),
  });
}
