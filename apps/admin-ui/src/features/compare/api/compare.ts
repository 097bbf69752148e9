import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { CopiedEnvironment, EnvironmentComparison } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

/** How `target` differs from `source`: in each difference `before` is the target's side, `after` what a promotion makes of it. */
export function comparisonQuery(project: string, { source, target }: { readonly source: string; readonly target: string }) {
  const query = new URLSearchParams({ from: target, to: source });
  return queryOptions({
    queryKey: queryKeys.comparison(project, source, target),
    queryFn: ({ signal }) => callApi<EnvironmentComparison>(`${apiPath('projects', project, 'compare')}?${query}`, { signal }),
  });
}

export interface Promote {
  /** Key of the environment that is changed. */
  readonly environment: string;
  readonly from: string;
  readonly flags: readonly string[];
  readonly segments: readonly string[];
  /** Revisions that the comparison was of: other ones fail with `stale_version`. */
  readonly seen: { readonly from: number; readonly to: number };
  readonly reason: string;
}

export function usePromote(project: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationKey: ['change', 'flag'],
    mutationFn: ({ environment, reason, ...body }: Promote) =>
      callApi<CopiedEnvironment>(apiPath('projects', project, 'environments', environment, 'copy'), {
        method: 'POST',
        body: { ...body, ...(reason && { reason }) },
      }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queryKeys.project(project) }),
  });
}
