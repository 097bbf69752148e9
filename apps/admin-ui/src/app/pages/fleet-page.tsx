/** Who is connected, what they run, and how long changes take to reach them. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import type { ConvergenceRange, Environment } from '@yardarm/contract';
import { type ReactNode, useState } from 'react';
import { EnvironmentTabs } from '../../components/environment-tabs.tsx';
import { buttonClass } from '../../components/ui/button.tsx';
import { ServerIcon, WarningIcon } from '../../components/ui/icons.tsx';
import { EmptyState, ErrorState } from '../../components/ui/notice.tsx';
import { Page } from '../../components/ui/page.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { environmentsQuery } from '../../features/environments/api/get-environments.ts';
import { convergenceQuery, fleetQuery } from '../../features/fleet/api/get-fleet.ts';
import { ConvergenceCard } from '../../features/fleet/components/convergence-card.tsx';
import { FleetAppsCard } from '../../features/fleet/components/fleet-apps-card.tsx';
import { InstancesCard } from '../../features/fleet/components/instances-card.tsx';
import { fleetApps, fleetTotals } from '../../features/fleet/fleet-rows.ts';
import { toSentence } from '../../lib/api-client.ts';
import { classNames } from '../../lib/class-names.ts';
import { NoEnvironments } from '../no-environments.tsx';
import { shownEnvironment } from '../use-environment.ts';

export default function FleetPage() {
  const { project } = useParams({ from: '/projects/$project/fleet' });
  const search = useSearch({ from: '/projects/$project/fleet' });
  const navigate = useNavigate();
  const environments = useQuery(environmentsQuery(project));
  const current = shownEnvironment(environments.data, search.environment);
  return (
    <Page title="Fleet" description="Who is connected, what they run, and how long changes take to reach them.">
      {environments.error && !environments.data ? (
        <ErrorState message={toSentence(environments.error)} onRetry={() => void environments.refetch()} />
      ) : !environments.data ? (
        <SkeletonRows rows={5} label="Loading environments" />
      ) : !current ? (
        <NoEnvironments project={project} />
      ) : (
        <>
          <EnvironmentTabs
            environments={environments.data}
            current={current.key}
            onChoose={(environment) => navigate({ to: '/projects/$project/fleet', params: { project }, search: { environment } })}
          />
          <EnvironmentFleet key={current.key} project={project} environment={current} />
        </>
      )}
    </Page>
  );
}

function EnvironmentFleet({ project, environment }: { readonly project: string; readonly environment: Environment }) {
  const [range, setRange] = useState<ConvergenceRange>('day');
  const fleet = useQuery(fleetQuery(project, environment.key));
  const convergence = useQuery(convergenceQuery(project, environment.key, range));
  if (fleet.error && !fleet.data) return <ErrorState message={toSentence(fleet.error)} onRetry={() => void fleet.refetch()} />;
  if (!fleet.data) return <SkeletonRows rows={6} label="Loading the fleet" />;
  const { revision, instances, replicas } = fleet.data;
  const apps = fleetApps(fleet.data);
  const totals = fleetTotals(apps);
  const total = totals.server + totals.client;
  return (
    <div className="space-y-4">
      {!replicas.complete && (
        <p className="flex items-start gap-2 rounded-md border border-warn/30 bg-warn-soft px-3 py-2 text-sm">
          <WarningIcon className="mt-0.5 size-4 text-warn" /> Not every server has been heard; there may be more instances than
          are shown.
        </p>
      )}
      <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line shadow-card lg:grid-cols-4">
        <Figure title="Connected" value={total.toLocaleString('en-GB')}>
          {totals.server.toLocaleString('en-GB')} on servers, {totals.client.toLocaleString('en-GB')} in browsers
        </Figure>
        <Figure
          title={`Run revision ${revision}`}
          value={total === 0 ? '–' : percent(totals.current, total)}
          tone={total > 0 && totals.current === total ? 'good' : undefined}
        >
          {totals.current.toLocaleString('en-GB')} of {total.toLocaleString('en-GB')}
        </Figure>
        <Figure
          title="Behind"
          value={(total - totals.current - totals.rejected).toLocaleString('en-GB')}
          tone={total > totals.current + totals.rejected ? 'warn' : undefined}
        >
          {totals.rejected === 0 ? 'none refused it' : `${totals.rejected.toLocaleString('en-GB')} refused it`}
        </Figure>
        <Figure title="Without a stream" value={totals.polling.toLocaleString('en-GB')}>
          {totals.polling === 0 ? 'all hear at once' : 'they ask every half minute'}
        </Figure>
      </dl>
      {total === 0 && (
        <div className="rounded-lg border border-line bg-surface shadow-card">
          <EmptyState
            icon={<ServerIcon className="size-5" />}
            title={`Nothing is connected to ${environment.name}`}
            action={
              <Link
                to="/projects/$project/connect"
                params={{ project }}
                search={{ environment: environment.key }}
                className={buttonClass('primary')}
              >
                Connect an application
              </Link>
            }
          >
            An instance is one running copy of an SDK: a process, or a tab of a browser.
          </EmptyState>
        </div>
      )}
      <div className="grid items-start gap-4 *:min-w-0 xl:grid-cols-2">
        {convergence.data ? (
          <ConvergenceCard convergence={convergence.data} onRange={setRange} />
        ) : convergence.error ? (
          <ErrorState message={toSentence(convergence.error)} onRetry={() => void convergence.refetch()} />
        ) : (
          <SkeletonRows rows={4} label="Loading how long changes took" />
        )}
        {total > 0 && <FleetAppsCard apps={apps} revision={revision} />}
      </div>
      {total > 0 && <InstancesCard instances={instances} total={total} revision={revision} />}
    </div>
  );
}

interface FigureProps {
  readonly title: string;
  readonly value: string;
  readonly tone?: 'good' | 'warn' | undefined;
  readonly children: ReactNode;
}

function Figure({ title, value, tone, children }: FigureProps) {
  return (
    <div className="bg-surface px-4 py-3">
      <dt className="text-ink-faint text-xs">{title}</dt>
      <dd>
        <div
          className={classNames(
            'font-semibold text-xl tabular-nums',
            tone === 'good' && 'text-good',
            tone === 'warn' && 'text-warn',
          )}
        >
          {value}
        </div>
        <div className="text-ink-faint text-xs tabular-nums">{children}</div>
      </dd>
    </div>
  );
}

/** Never 100 % while one is missing. */
function percent(part: number, whole: number): string {
  return `${Math.floor((part / whole) * 1_000) / 10} %`;
}
