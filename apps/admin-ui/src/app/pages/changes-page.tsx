import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { EnvironmentName } from '../../components/environment-name.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Page } from '../../components/ui/page.tsx';
import { Select } from '../../components/ui/select.tsx';
import { environmentsQuery } from '../../features/environments/api/get-environments.ts';
import { openReviewsQuery } from '../../features/reviews/api/get-reviews.ts';
import { ReviewList } from '../../features/reviews/components/review-list.tsx';
import type { ChangesFilter } from '../../lib/query-keys.ts';
import { useMay } from '../../lib/rights.ts';
import { ChangeHistory } from '../change-history.tsx';

const ANY = '';
const PAGE_SIZE = 50;

export default function ChangesPage() {
  const { project } = useParams({ from: '/projects/$project/changes' });
  const filter = useSearch({ from: '/projects/$project/changes' });
  const navigate = useNavigate();
  const environments = useQuery(environmentsQuery(project));
  const reviews = useQuery(openReviewsQuery(project));
  const may = useMay(project);
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
        <ChangeHistory
          project={project}
          filter={filter}
          pageSize={PAGE_SIZE}
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
      </div>
    </Page>
  );
}
