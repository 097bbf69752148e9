/** Watches for one application until it has evaluated the flag. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { WATCH_MS, watchCoverageQuery, watchEvaluationsQuery, watchReceiptsQuery } from './api/get-evidence.ts';
import { furthest, NO_PROGRESS, type Progress, readProgress, type Sought } from './connect-progress.ts';

export interface Watched extends Sought {
  readonly project: string;
  readonly environment: string;
  /** Whether the flag exists, so that there is something to ask about it. */
  readonly isFlag: boolean;
}

/** Of one application: mount it anew for another one. */
export function useConnectProgress({ project, environment, isFlag, ...sought }: Watched): Progress {
  const [seen, setSeen] = useState(NO_PROGRESS);
  const refetchInterval = seen.evaluations > 0 ? (false as const) : WATCH_MS;
  const receipts = useQuery({ ...watchReceiptsQuery(project, environment), refetchInterval });
  // Goes on: an application may ask for a flag that does not exist after the one that does.
  const coverage = useQuery({ ...watchCoverageQuery(project, environment), refetchInterval: WATCH_MS });
  const evaluations = useQuery({ ...watchEvaluationsQuery(project, environment, sought.flag), refetchInterval, enabled: isFlag });
  const evidence = { receipts: receipts.data, coverage: coverage.data, evaluations: evaluations.data };
  const now = furthest(seen, readProgress(evidence, sought));
  const isNews = JSON.stringify(now) !== JSON.stringify(seen);
  useEffect(() => {
    if (isNews) setSeen(now);
  });
  return now;
}
