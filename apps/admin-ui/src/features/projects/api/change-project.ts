import type { Project } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { useProjectChange } from '../../../lib/use-project-change.ts';

export interface UpdateProject {
  /** Version that the edit was made from: a newer one on the server fails with `stale_version`. */
  readonly version: number;
  readonly name: string;
  readonly defaultExpiryDays: number;
}

export function useUpdateProject(project: string) {
  return useProjectChange(project, 'project', ({ version, ...body }: UpdateProject) =>
    callApi<Project>(apiPath('projects', project), { method: 'PATCH', body, ifVersion: version }),
  );
}

export function useCreateProject() {
  return useProjectChange('', 'project', (body: { readonly key: string; readonly name: string }) =>
    callApi<Project>('/projects', { method: 'POST', body }),
  );
}
