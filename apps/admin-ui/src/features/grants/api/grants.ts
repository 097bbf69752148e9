import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type { Grant, Role } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { listAll } from '../../../lib/page-of.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

/** Rights on a project, those on its environments included; not those on the whole instance. */
export function grantsQuery(project: string) {
  return queryOptions({
    queryKey: queryKeys.grants(project),
    queryFn: ({ signal }) => listAll<Grant>(`${apiPath('projects', project)}/grants`, signal),
  });
}

export interface CreateGrant {
  /** Null: every environment of the project. */
  readonly environment: string | null;
  readonly holder: { readonly user: string } | { readonly team: string };
  readonly role: Role;
}

export function useCreateGrant(project: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ environment, holder, role }: CreateGrant) =>
      callApi<Grant>(`${placePath(project, environment)}/grants`, { method: 'POST', body: { ...holder, role } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queryKeys.grants(project) }),
  });
}

export function useDeleteGrant(project: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ id, environment }: Grant) =>
      callApi<Grant>(`${placePath(project, environment)}${apiPath('grants', id)}`, { method: 'DELETE' }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queryKeys.grants(project) }),
  });
}

function placePath(project: string, environment: string | null): string {
  return environment === null ? apiPath('projects', project) : apiPath('projects', project, 'environments', environment);
}
