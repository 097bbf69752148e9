import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Environment, Project } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { queryKeys } from '../../../lib/query-keys.ts';
import type { PlannedEnvironment } from '../set-up-project.ts';

export interface SetUpProject {
  readonly key: string;
  readonly name: string;
  readonly environments: readonly PlannedEnvironment[];
}

export interface ReadyProject {
  readonly project: Project;
  /** Those that were made; fewer than were asked for where one failed. */
  readonly environments: readonly Environment[];
}

/** Makes a project, then its environments one by one. Fails only where there is no project: what else is missing can be made there. */
export function useSetUpProject() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async ({ environments: planned, ...body }: SetUpProject): Promise<ReadyProject> => {
      const project = await callApi<Project>('/projects', { method: 'POST', body });
      const environments: Environment[] = [];
      try {
        for (const { about: _, ...environment } of planned) {
          const path = apiPath('projects', project.key, 'environments');
          environments.push(await callApi<Environment>(path, { method: 'POST', body: environment }));
        }
      } catch {
        // The project is there, and its next page says what it lacks.
      }
      return { project, environments };
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queryKeys.projects }),
  });
}
