import { queryOptions } from '@tanstack/react-query';
import type { Segment, SegmentWithUses } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

export type SegmentHalf = Segment['environments'][number];

/** A segment with the flags that use it. */
export function segmentQuery(project: string, segment: string) {
  return queryOptions({
    queryKey: queryKeys.segment(project, segment),
    queryFn: ({ signal }) => callApi<SegmentWithUses>(apiPath('projects', project, 'segments', segment), { signal }),
  });
}

/** Its members in one environment as they are now; asked for when an edit met a newer version. */
export function getSegmentHalf(project: string, segment: string, environment: string): Promise<SegmentHalf> {
  return callApi<SegmentHalf>(apiPath('projects', project, 'segments', segment, 'environments', environment));
}
