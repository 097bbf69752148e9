import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import type { Change } from '@yardarm/contract';
import { useState } from 'react';
import { EnvironmentName } from '../../components/environment-name.tsx';
import { Button } from '../../components/ui/button.tsx';
import { HistoryIcon } from '../../components/ui/icons.tsx';
import { EmptyState, ErrorState } from '../../components/ui/notice.tsx';
import { Page } from '../../components/ui/page.tsx';
import { Select } from '../../components/ui/select.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { changesQuery } from '../../features/changes/api/get-changes.ts';
import { ChangeList } from '../../features/changes/components/change-list.tsx';
import { RevertDialog } from '../../features/changes/components/revert-dialog.tsx';
import { revertAction } from '../../features/changes/revertible.ts';
import { environmentsQuery } from '../../features/environments/api/get-environments.ts';
import { openReviewsQuery } from '../../features/reviews/api/get-reviews.ts';
import { ReviewList } from '../../features/reviews/components/review-list.tsx';
import { toSentence } from '../../lib/api-client.ts';
import type { ChangesFilter } from '../../lib/query-keys.ts';
import { mayChange, useMay } from '../../lib/rights.ts';

const ANY = '';
const PAGE_SIZE = 50;

export default function ChangesPage() {
  const { project } = useParams({ from: '/projects/$project/changes' });
  const filter = useSearch({ from: '/projects/$project/changes' });
  const navigate = useNavigate();
  const environments = useQuery(environmentsQuery(project));
  const reviews = useQuery(openReviewsQuery(project));
  const changes = useInfiniteQuery(changesQuery(project, filter, PAGE_SIZE));
  const [reverting, setReverting] = useState<Change | null>(null);
  const may = useMay(project);
  const items = changes.data?.pages.flatMap((page) => page.items) ?? [];
  const change = (search: ChangesFilter) =>
    navigate({ to: '/projects/$project/changes', params: { project }, search, replace: true });
  const environmentName = (key: string) => {
    const environment = environments.data?.find((one) => one.key === key);
    return environment ? <EnvironmentName environment={environment} /> : key;
  };
  return (
    <Page title="Changes" description="Who changed what, when and why. Nothing is ever removed from this list.">
      <ReviewList
        project={project}
        reviews={reviews.data ?? []}
        mayClose={({ changeSet }) => changeSet.about.every(({ environment }) => may('review.close', environment ?? undefined))}
        environmentName={environmentName}
      />
      <div className="overflow-hidden rounded-lg border border-line bg-surface shadow-card">
        <div className="flex flex-wrap items-center gap-2 border-line border-b p-3">
          <Select
            label="Environment"
            value={filter.environment ?? ANY}
            highlighted={!!filter.environment}
            options={[
              { value: ANY, label: 'Every environment' },
              ...(environments.data ?? []).map(({ key, name }) => ({ value: key, label: name })),
            ]}
            onChange={(environment) => change({ flag: filter.flag, environment: environment || undefined })}
          />
          {filter.flag && (
            <Button
              onClick={() => change({ environment: filter.environment })}
              aria-label={`Show every flag, not only ${filter.flag}`}
            >
              Flag {filter.flag} ×
            </Button>
          )}
        </div>
        {changes.error && !changes.data ? (
          <ErrorState message={toSentence(changes.error)} onRetry={() => void changes.refetch()} />
        ) : !changes.data ? (
          <SkeletonRows rows={8} label="Loading changes" />
        ) : items.length === 0 ? (
          <EmptyState icon={<HistoryIcon className="size-5" />} title="Nothing has changed here yet">
            Every change of a flag, a segment, an environment or a key will be listed here.
          </EmptyState>
        ) : (
          <ChangeList
            changes={items}
            environmentName={environmentName}
            onRevert={setReverting}
            mayRevert={(change) => {
              const environment = environments.data?.find(({ key }) => key === change.environment);
              const action = revertAction(change);
              return environment ? mayChange(may, action, environment) : may(action);
            }}
            entityLink={({ kind, key }, name) =>
              kind === 'flag' ? (
                <Link
                  to="/projects/$project/flags/$flag"
                  params={{ project, flag: key }}
                  className="font-medium underline-offset-3 hover:underline"
                >
                  {name}
                </Link>
              ) : null
            }
          />
        )}
        {changes.hasNextPage && (
          <div className="flex justify-center border-line border-t p-3">
            <Button onClick={() => changes.fetchNextPage()} pending={changes.isFetchingNextPage}>
              Show older
            </Button>
          </div>
        )}
      </div>
      {reverting && (
        <RevertDialog
          key={reverting.id}
          project={project}
          change={reverting}
          environmentName={reverting.environment && environmentName(reverting.environment)}
          isProtected={
            environments.data?.some(({ key, protected: isProtected }) => key === reverting.environment && isProtected) ?? false
          }
          onClose={() => setReverting(null)}
        />
      )}
    </Page>
  );
}
