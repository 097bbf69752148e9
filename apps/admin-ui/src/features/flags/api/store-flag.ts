import type { QueryClient } from '@tanstack/react-query';
import type { Flag } from '@yardarm/contract';
import { queryKeys } from '../../../lib/query-keys.ts';

/** Puts a flag that the server has just committed on its page, and has fetched again what lists it or its changes. */
export async function storeFlag(queryClient: QueryClient, project: string, flag: Flag): Promise<void> {
  // A fetch that started before the commit would put the old state back.
  await queryClient.cancelQueries({ queryKey: queryKeys.flag(project, flag.key) });
  queryClient.setQueryData(queryKeys.flag(project, flag.key), flag);
  for (const queryKey of [queryKeys.flags(project), queryKeys.allChanges(project), queryKeys.environments(project)])
    void queryClient.invalidateQueries({ queryKey });
}
