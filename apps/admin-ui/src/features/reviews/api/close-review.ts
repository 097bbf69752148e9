import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Review } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

export interface CloseReview {
  readonly id: string;
  readonly note: string;
}

export function useCloseReview(project: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationKey: ['change', 'review'],
    mutationFn: ({ id, note }: CloseReview) =>
      callApi<Review>(apiPath('projects', project, 'reviews', id, 'close'), { method: 'POST', body: { note } }),
    onSuccess: () =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey: queryKeys.reviews(project) }),
        queryClient.invalidateQueries({ queryKey: queryKeys.allChanges(project) }),
      ]),
  });
}
