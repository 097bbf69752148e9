import { infiniteQueryOptions } from '@tanstack/react-query';
import type { Change } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import type { PageOf } from '../../../lib/page-of.ts';
import { type ChangesFilter, queryKeys } from '../../../lib/query-keys.ts';

export interface ChangesRequest extends ChangesFilter {
  readonly limit: number;
  /** Cursor of the page, `next` of the one before. */
  readonly cursor?: string | null;
  readonly signal?: AbortSignal;
}

/** Changes, newest first. */
export function getChanges(
  project: string,
  { flag, environment, limit, cursor, signal }: ChangesRequest,
): Promise<PageOf<Change>> {
  const search = new URLSearchParams({ limit: String(limit) });
  if (flag) search.set('flag', flag);
  if (environment) search.set('environment', environment);
  if (cursor) search.set('cursor', cursor);
  return callApi(`${apiPath('projects', project, 'changes')}?${search}`, signal ? { signal } : {});
}

export function changesQuery(project: string, filter: ChangesFilter, limit: number) {
  return infiniteQueryOptions({
    queryKey: queryKeys.changes(project, filter),
    queryFn: ({ pageParam, signal }) => getChanges(project, { ...filter, limit, cursor: pageParam, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}
