/** Keeps the list of flags current one flag at a time: of thousands, most have not changed. */
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import type { Flag } from '@yardarm/contract';
import { useCallback, useEffect, useRef } from 'react';
import { apiPath, callApi } from '../../../lib/api-client.ts';
import { queryKeys } from '../../../lib/query-keys.ts';
import { withFlag } from '../with-flag.ts';

/** Notifications of one change set come within a few milliseconds of each other. */
const BURST_MS = 50;
/** More than these are fetched with the whole list. */
const MAX_SINGLE = 20;

/** Call it with the key of a flag that has changed. */
export function useRefreshFlags(project: string): (flag: string) => void {
  const queryClient = useQueryClient();
  const keys = useRef(new Set<string>());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  /** One after the other: of two that answer out of turn, the older would stay. */
  const last = useRef(Promise.resolve());
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(
    (flag) => {
      keys.current.add(flag);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => {
        const changed = [...keys.current];
        keys.current.clear();
        last.current = last.current.then(() => refresh(queryClient, project, changed));
      }, BURST_MS);
    },
    [queryClient, project],
  );
}

async function refresh(queryClient: QueryClient, project: string, keys: readonly string[]): Promise<void> {
  const queryKey = queryKeys.flags(project);
  const state = queryClient.getQueryState<readonly Flag[]>(queryKey);
  if (state?.data === undefined) return;
  // One that is on its way may have passed the flag before it changed.
  if (keys.length > MAX_SINGLE || state.fetchStatus === 'fetching') return queryClient.invalidateQueries({ queryKey });
  try {
    const flags = await Promise.all(keys.map((key) => callApi<Flag>(apiPath('projects', project, 'flags', key))));
    queryClient.setQueryData<readonly Flag[]>(queryKey, (list) => list && flags.reduce(withFlag, list));
  } catch {
    await queryClient.invalidateQueries({ queryKey });
  }
}
