import type { QueryClient } from '@tanstack/react-query';
import type { Flag, FlagEnvironment } from '@yardarm/contract';
import { queryKeys } from '../../../lib/query-keys.ts';

/** Puts what the server has just committed into the cached list and flag, and has the flag fetched again. */
export async function storeFlagEnvironment(
  queryClient: QueryClient,
  project: string,
  key: string,
  committed: FlagEnvironment,
): Promise<void> {
  const replace = (flag: Flag): Flag => ({
    ...flag,
    environments: flag.environments.map((one) => (one.environment === committed.environment ? committed : one)),
  });
  // A fetch that started before the commit would put the old state back. The list's own comes again with the notification.
  await queryClient.cancelQueries({ queryKey: queryKeys.flag(project, key) });
  queryClient.setQueryData<Flag>(queryKeys.flag(project, key), (flag) => flag && replace(flag));
  queryClient.setQueryData<readonly Flag[]>(queryKeys.flags(project), (flags) =>
    flags?.map((flag) => (flag.key === key ? replace(flag) : flag)),
  );
  void queryClient.invalidateQueries({ queryKey: queryKeys.flag(project, key) });
  void queryClient.invalidateQueries({ queryKey: queryKeys.allChanges(project) });
  void queryClient.invalidateQueries({ queryKey: queryKeys.environments(project) });
}
