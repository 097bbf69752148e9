import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { Environment, Flag } from '@yardarm/contract';
import { useState } from 'react';
import { EnvironmentName } from '../../components/environment-name.tsx';
import { ReasonDialog } from '../../components/reason-dialog.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Button, buttonClass } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { CopyButton } from '../../components/ui/copy-button.tsx';
import {
  ArchiveIcon,
  BrowserIcon,
  ChevronRightIcon,
  EditIcon,
  LinkIcon,
  SearchIcon,
  UserIcon,
} from '../../components/ui/icons.tsx';
import { EmptyState, ErrorState } from '../../components/ui/notice.tsx';
import { Page } from '../../components/ui/page.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { Skeleton, SkeletonRows } from '../../components/ui/skeleton.tsx';
import { changesQuery } from '../../features/changes/api/get-changes.ts';
import { ChangeList } from '../../features/changes/components/change-list.tsx';
import { environmentsQuery } from '../../features/environments/api/get-environments.ts';
import { lastEvaluatedQuery } from '../../features/evaluations/api/get-last-evaluated.ts';
import { EvaluatedLine } from '../../features/evaluations/components/evaluated-line.tsx';
import { evaluatedIn } from '../../features/evaluations/last-evaluated.ts';
import { useArchiveFlag } from '../../features/flags/api/archive-flag.ts';
import { flagQuery } from '../../features/flags/api/get-flag.ts';
import { CopyDialog } from '../../features/flags/components/copy-dialog.tsx';
import { EditFlagDialog } from '../../features/flags/components/edit-flag-dialog.tsx';
import { type Committed, EnvironmentCard } from '../../features/flags/components/environment-card.tsx';
import { EvaluateCard } from '../../features/flags/components/evaluate-card.tsx';
import type { FallthroughDraft } from '../../features/flags/components/fallthrough-editor.tsx';
import { Expiry, KindBadge } from '../../features/flags/components/flag-badges.tsx';
import { VariantsCard } from '../../features/flags/components/variants-card.tsx';
import { useLiveStatus } from '../../features/live/live-status.ts';
import { ReceiptBar } from '../../features/receipts/components/receipt-bar.tsx';
import { hasCode, toSentence } from '../../lib/api-client.ts';
import { mayChange, useMay } from '../../lib/rights.ts';
import { UnpublishedDialog, useUnpublished } from '../unpublished.tsx';

/** As many as fit beside the variants; the rest is on the changes page. */
const RECENT_CHANGES = 12;

export default function FlagPage() {
  const { project, flag: key } = useParams({ from: '/projects/$project/flags/$flag' });
  const flag = useQuery(flagQuery(project, key));
  const environments = useQuery(environmentsQuery(project));
  const changes = useInfiniteQuery(changesQuery(project, { flag: key }, RECENT_CHANGES));
  const evaluations = useQuery(lastEvaluatedQuery(project));
  const [committed, setCommitted] = useState<Readonly<Record<string, Committed>>>({});
  const [drafts, setDrafts] = useState<Readonly<Record<string, FallthroughDraft | null>>>({});
  const live = useLiveStatus() === 'live';
  const may = useMay(project);
  const [copying, setCopying] = useState(false);
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const archiving = useArchiveFlag(project, key);
  const leaving = useUnpublished(Object.values(drafts).some((draft) => draft !== null));
  const dismiss = (environment: string) =>
    setCommitted((all) => Object.fromEntries(Object.entries(all).filter(([name]) => name !== environment)));

  const crumbs = (
    <span className="flex min-w-0 items-center gap-1">
      <Link to="/projects/$project/flags" params={{ project }} className="rounded font-normal text-ink-faint hover:text-ink">
        Flags
      </Link>
      <ChevronRightIcon className="size-4 text-ink-faint" />
      <span className="min-w-0 truncate" title={key}>
        {key}
      </span>
      <CopyButton text={key} label="Copy flag key" />
    </span>
  );
  if (!flag.data && hasCode(flag.error, 'not_found'))
    return (
      <Page title={crumbs}>
        <EmptyState
          icon={<SearchIcon className="size-5" />}
          title={`There is no flag '${key}' in this project`}
          action={
            <Link to="/projects/$project/flags" params={{ project }} className={buttonClass()}>
              Go to the flags
            </Link>
          }
        />
      </Page>
    );
  const error = flag.error ?? environments.error;
  if (error && (!flag.data || !environments.data))
    return (
      <Page title={crumbs}>
        <ErrorState message={toSentence(error)} onRetry={() => void Promise.all([flag.refetch(), environments.refetch()])} />
      </Page>
    );
  if (!flag.data || !environments.data)
    return (
      <Page title={crumbs}>
        <FlagSkeleton />
      </Page>
    );

  const { data } = flag;
  const open = (next: Dialog) => {
    archiving.reset();
    setDialog(next);
  };
  const targetingVerb = (environment: Environment) =>
    mayChange(may, 'flag.configure', environment) ? 'Edit targeting' : 'Targeting';
  const recent = changes.data?.pages[0]?.items ?? [];
  const environmentName = (name: string) => {
    const environment = environments.data.find((one) => one.key === name);
    return environment ? <EnvironmentName environment={environment} /> : name;
  };
  return (
    <Page
      title={crumbs}
      description={data.description || 'No description'}
      actions={
        data.archivedAt === null && (
          <>
            {environments.data.length > 1 && environments.data.some((one) => mayChange(may, 'flag.copy', one)) && (
              <Button onClick={() => setCopying(true)}>Copy between environments…</Button>
            )}
            {may('flag.archive') && (
              <Button onClick={() => open('archive')}>
                <ArchiveIcon /> Archive
              </Button>
            )}
            {may('flag.update') && (
              <Button onClick={() => open({ editing: data })}>
                <EditIcon /> Edit
              </Button>
            )}
          </>
        )
      }
    >
      <div className="-mt-2 mb-5 flex flex-wrap items-center gap-x-3 gap-y-1.5 text-sm">
        <KindBadge kind={data.kind} />
        {data.clientSide && (
          <Badge title="Its variants and rules are part of what browsers receive">
            <BrowserIcon className="size-3" /> sent to browsers
          </Badge>
        )}
        <span className="inline-flex items-center gap-1.5 text-ink-soft">
          <UserIcon className="size-3.5 text-ink-faint" />
          {data.ownerTeam?.name ?? data.owner ?? 'no owner'}
        </span>
        <Expiry flag={data} />
        {data.tags.map((tag) => (
          <Badge key={tag}>#{tag}</Badge>
        ))}
        {data.links.map(({ title, url }) => (
          <a
            key={`${title} ${url}`}
            href={url}
            target="_blank"
            rel="noopener noreferrer"
            title={url}
            className="inline-flex min-w-0 items-center gap-1 rounded text-accent underline-offset-3 hover:underline"
          >
            <LinkIcon className="size-3.5 shrink-0" />
            <span className="max-w-60 truncate">{title}</span>
          </a>
        ))}
      </div>
      {data.archivedAt !== null && (
        <div className="flex flex-wrap items-center justify-between gap-3 rounded-lg border border-line bg-sunken px-4 py-3">
          <div className="min-w-0">
            <p className="font-semibold">
              Archived <RelativeTime at={data.archivedAt} />
            </p>
            <p className="text-ink-soft text-sm">
              It is in no rule set: applications that ask for it get their code default. Its key stays taken.
            </p>
          </div>
          {may('flag.unarchive') && <Button onClick={() => open('unarchive')}>Unarchive</Button>}
        </div>
      )}
      <div className="grid grid-cols-[repeat(auto-fit,minmax(min(21rem,100%),1fr))] items-start gap-4">
        {(data.archivedAt === null ? environments.data : []).map((environment) => {
          const state = data.environments.find((one) => one.environment === environment.key);
          const last = committed[environment.key];
          return (
            state && (
              <EnvironmentCard
                key={environment.key}
                project={project}
                flag={data}
                environment={environment}
                state={state}
                draft={drafts[environment.key] ?? null}
                onDraft={(draft) => setDrafts((all) => ({ ...all, [environment.key]: draft }))}
                lastActor={recent.find((change) => change.environment === environment.key)?.actor.name ?? null}
                onCommitted={(now) => setCommitted((all) => ({ ...all, [environment.key]: now }))}
                flagLink={(other) => (
                  <Link
                    to="/projects/$project/flags/$flag"
                    params={{ project, flag: other }}
                    className="font-medium underline underline-offset-3"
                  >
                    {other}
                  </Link>
                )}
                targetingLink={
                  <Link
                    to="/projects/$project/flags/$flag/environments/$environment"
                    params={{ project, flag: key, environment: environment.key }}
                    aria-label={`${targetingVerb(environment)} in ${environment.name}`}
                    data-testid={`targeting-${environment.key}`}
                    className="rounded font-medium text-accent hover:underline"
                  >
                    {targetingVerb(environment)}
                  </Link>
                }
                receipt={
                  last && (
                    <ReceiptBar
                      project={project}
                      environment={environment.key}
                      revision={last.revision}
                      sinceMs={last.atMs}
                      live={live}
                      onDismiss={() => dismiss(environment.key)}
                    />
                  )
                }
                evaluated={
                  evaluations.data && (
                    <EvaluatedLine
                      evaluated={evaluatedIn(evaluations.data, key, environment.key)}
                      coverage={evaluations.data.coverage.find((one) => one.environment === environment.key)}
                    />
                  )
                }
              />
            )
          );
        })}
      </div>
      <div className="mt-4 grid items-start gap-4 lg:grid-cols-[2fr_3fr]">
        <div className="space-y-4">
          <VariantsCard flag={data} />
          <EvaluateCard project={project} flag={data} environments={environments.data} />
        </div>
        <Card
          title="Recent changes"
          actions={
            <Link
              to="/projects/$project/changes"
              params={{ project }}
              search={{ flag: key }}
              className="rounded text-accent text-xs hover:underline"
            >
              All changes
            </Link>
          }
        >
          {changes.data ? (
            <ChangeList changes={recent} environmentName={environmentName} compact />
          ) : changes.error ? (
            <ErrorState message={toSentence(changes.error)} onRetry={() => void changes.refetch()} />
          ) : (
            <SkeletonRows rows={3} label="Loading changes" />
          )}
        </Card>
      </div>
      {copying && (
        <CopyDialog
          project={project}
          flag={data}
          environments={environments.data}
          onClose={() => setCopying(false)}
          onCommitted={(environment, revision) =>
            setCommitted((all) => ({ ...all, [environment]: { revision, atMs: Date.now() } }))
          }
        />
      )}
      {typeof dialog === 'object' && dialog !== null && (
        <EditFlagDialog
          project={project}
          flag={dialog.editing}
          environments={environments.data}
          onClose={() => setDialog(null)}
        />
      )}
      {typeof dialog === 'string' && (
        <ReasonDialog
          title={dialog === 'archive' ? `Archive ${key}?` : `Unarchive ${key}?`}
          description={
            dialog === 'archive'
              ? 'It leaves the rule set of every environment: applications that still ask for it get their code default. It can be unarchived, switched off.'
              : 'It comes back to every environment, switched off, with the rules that it had.'
          }
          action={dialog === 'archive' ? 'Archive' : 'Unarchive'}
          danger={dialog === 'archive'}
          required={environments.data.some((environment) => environment.protected)}
          pending={archiving.isPending}
          error={archiving.error && toSentence(archiving.error)}
          onClose={() => setDialog(null)}
          onConfirm={(reason) => archiving.mutate({ verb: dialog, reason }, { onSuccess: () => setDialog(null) })}
        />
      )}
      <UnpublishedDialog leaving={leaving} />
    </Page>
  );
}

/** What is open: an edit keeps the flag that it was begun from. */
type Dialog = 'archive' | 'unarchive' | { readonly editing: Flag };

function FlagSkeleton() {
  return (
    <div role="status" aria-label="Loading flag" className="grid grid-cols-[repeat(auto-fit,minmax(min(21rem,100%),1fr))] gap-4">
      {['first', 'second', 'third'].map((name) => (
        <div key={name} className="space-y-4 rounded-lg border border-line bg-surface p-4">
          <Skeleton className="h-3 w-24" />
          <Skeleton className="h-8 w-40" />
          <Skeleton className="h-3 w-full" />
          <Skeleton className="h-3 w-2/3" />
        </div>
      ))}
    </div>
  );
}
