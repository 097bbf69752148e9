import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { Team } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { listAll } from '../../../lib/page-of.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

export function teamsQuery() {
  return queryOptions({ queryKey: queryKeys.teams, queryFn: ({ signal }) => listAll<Team>('/teams', signal) });
}

export interface SaveTeam {
  /** Null: a new one. */
  readonly team: Pick<Team, 'key' | 'version'> | null;
  readonly key: string;
  readonly name: string;
  readonly members: readonly string[];
}

export function useSaveTeam() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ team, key, ...body }: SaveTeam) =>
      team === null
        ? callApi<Team>('/teams', { method: 'POST', body: { key, ...body } })
        : callApi<Team>(apiPath('teams', team.key), { method: 'PATCH', body, ifVersion: team.version }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queryKeys.teams }),
  });
}

export function useDeleteTeam() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ key, version }: Team) => callApi<unknown>(apiPath('teams', key), { method: 'DELETE', ifVersion: version }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queryKeys.teams }),
  });
}
