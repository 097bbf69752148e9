import type { Environment, EnvironmentColor } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { useProjectChange } from '../../../lib/use-project-change.ts';

export interface CreateEnvironment {
  readonly key: string;
  readonly name: string;
  readonly color: EnvironmentColor;
  readonly protected: boolean;
  readonly copyFrom?: { readonly environment: string; readonly on: boolean };
}

export function useCreateEnvironment(project: string) {
  return useProjectChange(project, 'environment', (body: CreateEnvironment) =>
    callApi<Environment>(apiPath('projects', project, 'environments'), { method: 'POST', body }),
  );
}

export interface UpdateEnvironment {
  /** Not `key`: where one moves, others do, and the stream takes those too for the page's own change. */
  readonly environmentKey: string;
  /** Version that the edit was made from: a newer one on the server fails with `stale_version`. */
  readonly version: number;
  readonly input: Partial<Pick<Environment, 'name' | 'color' | 'protected' | 'position'>> & { readonly reason?: string };
}

export function useUpdateEnvironment(project: string) {
  return useProjectChange(project, 'environment', ({ environmentKey, version, input }: UpdateEnvironment) =>
    callApi<Environment>(apiPath('projects', project, 'environments', environmentKey), {
      method: 'PATCH',
      body: input,
      ifVersion: version,
    }),
  );
}
