import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Change, RevertedChange } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

export interface RevertChange {
  readonly id: string;
  /** What the change was about: by these the tab knows its own change again in the stream. */
  readonly key: string;
  readonly environment: string | null;
  readonly reason: string;
}

export function useRevertChange(project: string, kind: Change['kind']) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationKey: ['change', kind],
    mutationFn: ({ id, reason }: RevertChange) =>
      callApi<RevertedChange>(apiPath('projects', project, 'changes', id, 'revert'), {
        method: 'POST',
        body: reason === '' ? {} : { reason },
      }),
    // Which entities a revert touches, only the server knows.
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queryKeys.project(project) }),
  });
}
