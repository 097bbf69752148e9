import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ConfiguredSegment, Segment } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { queryKeys } from '../../../lib/query-keys.ts';
import type { Members } from '../members.ts';

interface Reasoned {
  readonly reason?: string;
}

function useSegmentChange<Variables, Answer>(project: string, send: (variables: Variables) => Promise<Answer>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationKey: ['change', 'segment'],
    mutationFn: send,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queryKeys.project(project) }),
  });
}

export function useCreateSegment(project: string) {
  return useSegmentChange(project, (body: { readonly key: string; readonly name: string } & Reasoned) =>
    callApi<Segment>(apiPath('projects', project, 'segments'), { method: 'POST', body }),
  );
}

export function useRenameSegment(project: string, segment: string) {
  return useSegmentChange(project, ({ version, ...body }: { readonly version: number; readonly name: string } & Reasoned) =>
    callApi<Segment>(apiPath('projects', project, 'segments', segment), { method: 'PATCH', body, ifVersion: version }),
  );
}

export function useDeleteSegment(project: string, segment: string) {
  return useSegmentChange(project, ({ version, reason }: { readonly version: number } & Reasoned) =>
    callApi<void>(
      `${apiPath('projects', project, 'segments', segment)}${reason ? `?reason=${encodeURIComponent(reason)}` : ''}`,
      {
        method: 'DELETE',
        ifVersion: version,
      },
    ),
  );
}

export interface ConfigureSegment {
  readonly environment: string;
  /** Version that the edit was made from: a newer one on the server fails with `stale_version`. */
  readonly version: number;
  readonly input: Partial<Members> & Reasoned;
}

export function useConfigureSegment(project: string, segment: string) {
  return useSegmentChange(project, ({ environment, version, input }: ConfigureSegment) =>
    callApi<ConfiguredSegment>(apiPath('projects', project, 'segments', segment, 'environments', environment), {
      method: 'PATCH',
      body: input,
      ifVersion: version,
    }),
  );
}
