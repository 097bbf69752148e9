import { useMutation, useQueryClient } from '@tanstack/react-query';
import { queryKeys } from './query-keys.ts';

/**
 * A change of something in a project, after which everything of the project is fetched again. `kind` is that of its notification, by
 * which the stream knows the page's own changes.
 */
export function useProjectChange<Variables, Answer>(
  project: string,
  kind: 'project' | 'environment' | 'attribute' | 'segment',
  send: (variables: Variables) => Promise<Answer>,
) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationKey: ['change', kind],
    mutationFn: send,
    onSuccess: () => {
      void queryClient.invalidateQueries({ queryKey: queryKeys.projects });
      return queryClient.invalidateQueries({ queryKey: queryKeys.project(project) });
    },
  });
}
