import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { CommittedFlag, FlagConfigurationInput } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { storeFlagEnvironment } from './store-flag-environment.ts';

export interface ConfigureFlag {
  readonly key: string;
  readonly environment: string;
  /** Version that the edit was made from: a newer one on the server fails with `stale_version`. */
  readonly version: number;
  readonly input: Partial<FlagConfigurationInput> & { readonly reason?: string };
}

export function useConfigureFlag(project: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationKey: ['change', 'flag'],
    mutationFn: ({ key, environment, version, input }: ConfigureFlag) =>
      callApi<CommittedFlag>(apiPath('projects', project, 'flags', key, 'environments', environment), {
        method: 'PATCH',
        body: input,
        ifVersion: version,
      }),
    onSuccess: ({ flag }, { key }) => storeFlagEnvironment(queryClient, project, key, flag),
  });
}
