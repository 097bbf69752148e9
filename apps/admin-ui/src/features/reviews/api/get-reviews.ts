import { queryOptions } from '@tanstack/react-query';
import type { Review } from '@yardarm/contract';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import type { PageOf } from '../../../lib/page-of.ts';
import { queryKeys } from '../../../lib/query-keys.ts';

/** Reviews that wait for somebody, newest first; the first page of them. */
export function openReviewsQuery(project: string) {
  return queryOptions({
    queryKey: queryKeys.reviews(project),
    queryFn: ({ signal }) => callApi<PageOf<Review>>(`${apiPath('projects', project, 'reviews')}?state=open`, { signal }),
    select: (page) => page.items,
  });
}
