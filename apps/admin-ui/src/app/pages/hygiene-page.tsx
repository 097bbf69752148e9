import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import type { HygieneOverview } from '@yardarm/contract';
import { useState } from 'react';
import { EnvironmentName } from '../../components/environment-name.tsx';
import { Card } from '../../components/ui/card.tsx';
import { ErrorState } from '../../components/ui/notice.tsx';
import { Page } from '../../components/ui/page.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { Select } from '../../components/ui/select.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { environmentsQuery } from '../../features/environments/api/get-environments.ts';
import { lastEvaluatedQuery } from '../../features/evaluations/api/get-last-evaluated.ts';
import { coverageOfAll, coverageWord } from '../../features/evaluations/last-evaluated.ts';
import { flagsQuery } from '../../features/flags/api/get-flags.ts';
import { ownersOf } from '../../features/flags/flag-filter.ts';
import { hygieneQuery } from '../../features/hygiene/api/get-hygiene.ts';
import { AssessedList } from '../../features/hygiene/components/assessed-list.tsx';
import { CodeDefaultsCard, UnknownKeysCard } from '../../features/hygiene/components/disagreements.tsx';
import { ScoreTable } from '../../features/hygiene/components/score-table.tsx';
import { SnoozeDialog } from '../../features/hygiene/components/snooze-dialog.tsx';
import { toSentence } from '../../lib/api-client.ts';
import { useMay } from '../../lib/rights.ts';
import { ExpiriesCard } from '../expiries-card.tsx';
import { HygieneCounts } from '../hygiene-counts.tsx';

const ANYBODY = '';
const NOT_ASSESSED = 'Not known before the first assessment.';

export default function HygienePage() {
  const { project } = useParams({ from: '/projects/$project/hygiene' });
  const { owner } = useSearch({ from: '/projects/$project/hygiene' });
  const navigate = useNavigate();
  const hygiene = useQuery(hygieneQuery(project));
  const flags = useQuery(flagsQuery(project));
  const { data } = hygiene;
  return (
    <Page
      title="Hygiene"
      description={
        <>
          What is to be cleaned up, whose it is, and on which evidence.{' '}
          {data?.assessedAt ? (
            <>
              Assessed <RelativeTime at={data.assessedAt} />.
            </>
          ) : (
            data && 'The first assessment is on its way.'
          )}
        </>
      }
      actions={
        <Select
          label="Owner"
          value={owner ?? ANYBODY}
          highlighted={owner !== undefined}
          options={[
            { value: ANYBODY, label: 'Any owner' },
            ...ownersOf(flags.data ?? []).map((one) => ({ value: one, label: `Of ${one}` })),
          ]}
          onChange={(next) =>
            navigate({
              to: '/projects/$project/hygiene',
              params: { project },
              search: next === ANYBODY ? {} : { owner: next },
              replace: true,
            })
          }
        />
      }
    >
      {data ? (
        <Overview project={project} overview={ofOwner(data, owner)} owner={owner} />
      ) : hygiene.error ? (
        <ErrorState message={toSentence(hygiene.error)} onRetry={() => void hygiene.refetch()} />
      ) : (
        <SkeletonRows rows={8} label="Loading what is to be cleaned up" />
      )}
    </Page>
  );
}

interface OverviewProps {
  readonly project: string;
  readonly overview: HygieneOverview;
  readonly owner: string | undefined;
}

function Overview({ project, overview, owner }: OverviewProps) {
  const environments = useQuery(environmentsQuery(project));
  const evaluations = useQuery(lastEvaluatedQuery(project));
  const coverage = evaluations.data && coverageWord(coverageOfAll(evaluations.data.coverage));
  const [snoozing, setSnoozing] = useState<string | null>(null);
  const onSnooze = useMay(project)('flag.snooze') ? setSnoozing : undefined;
  const isAssessed = overview.assessedAt !== null;
  const flagLink = (flag: string) => (
    <Link
      to="/projects/$project/flags/$flag"
      params={{ project, flag }}
      className="rounded font-medium text-ink underline-offset-3 hover:underline"
    >
      {flag}
    </Link>
  );
  const environmentName = (key: string) => {
    const environment = environments.data?.find((one) => one.key === key);
    return environment ? <EnvironmentName environment={environment} /> : key;
  };
  return (
    <>
      {owner === undefined && <HygieneCounts project={project} counts={overview.counts} />}
      <div className="grid items-start gap-4 *:min-w-0 lg:grid-cols-[3fr_2fr]">
        <div className="space-y-4">
          <ExpiriesCard
            project={project}
            expiries={overview.expiries}
            owner={owner}
            coverage={coverage}
            flagLink={flagLink}
            onSnooze={onSnooze}
          />
          <Card title="Ready to remove">
            <AssessedList
              flags={overview.readyToRemove}
              coverage={coverage}
              flagLink={flagLink}
              onSnooze={onSnooze}
              empty={isAssessed ? 'No flag is known to be safe to remove.' : NOT_ASSESSED}
            />
          </Card>
          <Card title="Stale">
            <AssessedList
              flags={overview.stale}
              coverage={coverage}
              flagLink={flagLink}
              onSnooze={onSnooze}
              empty={isAssessed ? 'Every flag is in use.' : NOT_ASSESSED}
            />
          </Card>
        </div>
        <div className="space-y-4">
          <Card title="Score by team">
            <ScoreTable scores={overview.scores} />
          </Card>
          <CodeDefaultsCard codeDefaults={overview.codeDefaults} flagLink={flagLink} environmentName={environmentName} />
          <UnknownKeysCard unknownKeys={overview.unknownKeys} environmentName={environmentName} />
        </div>
      </div>
      {snoozing !== null && <SnoozeDialog project={project} flag={snoozing} onClose={() => setSnoozing(null)} />}
    </>
  );
}

function ofOwner(overview: HygieneOverview, owner: string | undefined): HygieneOverview {
  if (owner === undefined) return overview;
  const isTheirs = (one: { readonly owner: string | null }) => one.owner === owner;
  return {
    ...overview,
    expiries: overview.expiries.filter(isTheirs),
    stale: overview.stale.filter(isTheirs),
    readyToRemove: overview.readyToRemove.filter(isTheirs),
    scores: overview.scores.filter(isTheirs),
  };
}
