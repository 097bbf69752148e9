import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { CopiedFlag } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { storeFlagEnvironment } from './store-flag-environment.ts';

export interface CopyFlag {
  readonly key: string;
  /** The environment that is written. */
  readonly environment: string;
  /** Of its configuration, as it was previewed. */
  readonly version: number;
  readonly from: string;
  /** With the segments that its rules use. */
  readonly segments: boolean;
  readonly reason: string;
}

export function useCopyFlag(project: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationKey: ['change', 'flag'],
    mutationFn: ({ key, environment, version, from, segments, reason }: CopyFlag) =>
      callApi<CopiedFlag>(apiPath('projects', project, 'flags', key, 'environments', environment, 'copy'), {
        method: 'POST',
        body: { from, segments, ...(reason !== '' && { reason }) },
        ifVersion: version,
      }),
    onSuccess: ({ flag }, { key }) => storeFlagEnvironment(queryClient, project, key, flag),
  });
}
