import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { SavedView, SavedViews, SaveViewInput } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

/** Filters that were saved under a name: one's own, and those that are shared. */
export function viewsQuery(project: string) {
  return queryOptions({
    queryKey: queryKeys.views(project),
    queryFn: async ({ signal }) => (await callApi<SavedViews>(apiPath('projects', project, 'views'), { signal })).items,
  });
}

/** Takes the place of the one with that name. */
export function useSaveView(project: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (input: SaveViewInput) =>
      callApi<SavedView>(apiPath('projects', project, 'views'), { method: 'POST', body: input, repetition: 'harmless' }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queryKeys.views(project) }),
  });
}

export function useDeleteView(project: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => callApi<void>(apiPath('projects', project, 'views', id), { method: 'DELETE' }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queryKeys.views(project) }),
  });
}
