import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Flag } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

export interface SnoozeFlag {
  readonly key: string;
  /** The last day of it; null: it ends now. */
  readonly until: string | null;
  readonly reason: string;
}

/** Until a day nobody is told of the flag. */
export function useSnoozeFlag(project: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationKey: ['change', 'flag'],
    mutationFn: ({ key, until, reason }: SnoozeFlag) =>
      until === null
        ? callApi<Flag>(apiPath('projects', project, 'flags', key, 'unsnooze'), { method: 'POST', body: {} })
        : callApi<Flag>(apiPath('projects', project, 'flags', key, 'snooze'), { method: 'POST', body: { until, reason } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queryKeys.project(project) }),
  });
}
