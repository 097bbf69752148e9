/** Changes, newest first, with what each of them changed; each can be taken back where that makes sense. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { Change } from '@yardarm/contract';
import { useState } from 'react';
import { EnvironmentName } from '../components/environment-name.tsx';
import { Button } from '../components/ui/button.tsx';
import { HistoryIcon } from '../components/ui/icons.tsx';
import { EmptyState, ErrorState } from '../components/ui/notice.tsx';
import { SkeletonRows } from '../components/ui/skeleton.tsx';
import { changesQuery } from '../features/changes/api/get-changes.ts';
import { ChangeList, type ChangeListProps } from '../features/changes/components/change-list.tsx';
import { RevertDialog } from '../features/changes/components/revert-dialog.tsx';
import { revertAction } from '../features/changes/revertible.ts';
import { environmentsQuery } from '../features/environments/api/get-environments.ts';
import { toSentence } from '../lib/api-client.ts';
import type { ChangesFilter } from '../lib/query-keys.ts';
import { mayChange, useMay } from '../lib/rights.ts';
import { changeDifference } from './change-difference.tsx';

export interface ChangeHistoryProps {
  readonly project: string;
  readonly filter: ChangesFilter;
  /** Changes that are fetched at a time. */
  readonly pageSize: number;
  readonly entityLink?: NonNullable<ChangeListProps['entityLink']>;
  /** On the page of one entity its key goes without saying. */
  readonly compact?: boolean;
}

export function ChangeHistory({ project, filter, pageSize, entityLink, compact = false }: ChangeHistoryProps) {
  const environments = useQuery(environmentsQuery(project));
  const changes = useInfiniteQuery(changesQuery(project, filter, pageSize));
  const [reverting, setReverting] = useState<Change | null>(null);
  const may = useMay(project);
  const items = changes.data?.pages.flatMap((page) => page.items) ?? [];
  const environmentOf = (key: string | null) => environments.data?.find((one) => one.key === key);
  const environmentName = (key: string) => {
    const environment = environmentOf(key);
    return environment ? <EnvironmentName environment={environment} /> : key;
  };
  return (
    <>
      {changes.error && !changes.data ? (
        <ErrorState message={toSentence(changes.error)} onRetry={() => void changes.refetch()} />
      ) : !changes.data ? (
        <SkeletonRows rows={compact ? 3 : 8} label="Loading changes" />
      ) : items.length === 0 ? (
        <EmptyState icon={<HistoryIcon className="size-5" />} title="Nothing has changed here yet">
          Every change of a flag, a segment, an environment or a key will be listed here.
        </EmptyState>
      ) : (
        <ChangeList
          changes={items}
          environmentName={environmentName}
          difference={changeDifference}
          onRevert={setReverting}
          mayRevert={(change) => {
            const environment = environmentOf(change.environment);
            const action = revertAction(change);
            return environment ? mayChange(may, action, environment) : may(action);
          }}
          hasOlder={changes.hasNextPage}
          compact={compact}
          {...(entityLink && { entityLink })}
        />
      )}
      {changes.hasNextPage && (
        <div className="flex justify-center border-line border-t p-3">
          <Button onClick={() => changes.fetchNextPage()} pending={changes.isFetchingNextPage}>
            Show older
          </Button>
        </div>
      )}
      {reverting && (
        <RevertDialog
          key={reverting.id}
          project={project}
          change={reverting}
          environmentName={reverting.environment && environmentName(reverting.environment)}
          difference={changeDifference(reverting, reverting.after, reverting.before)}
          isProtected={environmentOf(reverting.environment)?.protected ?? false}
          onClose={() => setReverting(null)}
        />
      )}
    </>
  );
}
