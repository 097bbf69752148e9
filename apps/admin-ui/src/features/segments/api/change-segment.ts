import type { ConfiguredSegment, Segment } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { useProjectChange } from '../../../lib/use-project-change.ts';
import type { Members } from '../members.ts';

interface Reasoned {
  readonly reason?: string;
}

export function useCreateSegment(project: string) {
  return useProjectChange(project, 'segment', (body: { readonly key: string; readonly name: string } & Reasoned) =>
    callApi<Segment>(apiPath('projects', project, 'segments'), { method: 'POST', body }),
  );
}

export function useRenameSegment(project: string, segment: string) {
  return useProjectChange(
    project,
    'segment',
    ({ version, ...body }: { readonly version: number; readonly name: string } & Reasoned) =>
      callApi<Segment>(apiPath('projects', project, 'segments', segment), { method: 'PATCH', body, ifVersion: version }),
  );
}

export function useDeleteSegment(project: string, segment: string) {
  return useProjectChange(project, 'segment', ({ version, reason }: { readonly version: number } & Reasoned) =>
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
  return useProjectChange(project, 'segment', ({ environment, version, input }: ConfigureSegment) =>
    callApi<ConfiguredSegment>(apiPath('projects', project, 'segments', segment, 'environments', environment), {
      method: 'PATCH',
      body: input,
      ifVersion: version,
    }),
  );
}
