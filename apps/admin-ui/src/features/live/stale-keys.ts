/** Which queries a notification makes stale, but for the list of flags, which takes single flags: see the project's layout. */

import type { QueryKey } from '@tanstack/react-query';
import type { Notification } from '@yardarm/contract';
import { queryKeys } from '../../lib/query-keys.ts';

export function staleKeys(project: string, notification: Notification): QueryKey[] {
  const changes = queryKeys.allChanges(project);
  switch (notification.kind) {
    case 'project':
      return [queryKeys.projects, changes];
    case 'environment':
      return [queryKeys.environments(project), queryKeys.flags(project), changes];
    case 'flag':
      return [queryKeys.flag(project, notification.key), queryKeys.reviews(project), changes, ...heads(project, notification)];
    case 'segment':
      return [
        queryKeys.segments(project),
        queryKeys.segment(project, notification.key),
        changes,
        ...heads(project, notification),
      ];
    case 'key':
      return [notification.environment ? queryKeys.keys(project, notification.environment) : queryKeys.allKeys(project), changes];
    case 'attribute':
      return [queryKeys.attributes(project), changes];
    case 'review':
      return [queryKeys.reviews(project), changes];
    default:
      return [changes];
  }
}

/** An environment's revision is shown beside its name, and what it serves is compared and judged. */
function heads(project: string, { environment, revision }: Notification): QueryKey[] {
  if (revision === null || environment === null) return [];
  return [queryKeys.environments(project), queryKeys.comparisons(project), queryKeys.portability(project, environment)];
}
