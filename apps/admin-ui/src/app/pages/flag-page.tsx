import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import type { Environment, Flag } from '@yardarm/contract';
import { useState } from 'react';
import { ReasonDialog } from '../../components/reason-dialog.tsx';
import { Button, buttonClass } from '../../components/ui/button.tsx';
import { CopyButton } from '../../components/ui/copy-button.tsx';
import { ArchiveIcon, ChevronRightIcon, EditIcon, SearchIcon } from '../../components/ui/icons.tsx';
import { EmptyState, ErrorState } from '../../components/ui/notice.tsx';
import { Page } from '../../components/ui/page.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { ShortenedText } from '../../components/ui/shortened-text.tsx';
import { Skeleton } from '../../components/ui/skeleton.tsx';
import { changesQuery } from '../../features/changes/api/get-changes.ts';
import { environmentsQuery } from '../../features/environments/api/get-environments.ts';
import { lastEvaluatedQuery } from '../../features/evaluations/api/get-last-evaluated.ts';
import { EvaluatedLine } from '../../features/evaluations/components/evaluated-line.tsx';
import { evaluatedIn } from '../../features/evaluations/last-evaluated.ts';
import { useArchiveFlag } from '../../features/flags/api/archive-flag.ts';
import { flagQuery } from '../../features/flags/api/get-flag.ts';
import { CopyDialog } from '../../features/flags/components/copy-dialog.tsx';
import { EditFlagDialog } from '../../features/flags/components/edit-flag-dialog.tsx';
import { type Committed, EnvironmentCard } from '../../features/flags/components/environment-card.tsx';
import type { FallthroughDraft } from '../../features/flags/components/fallthrough-editor.tsx';
import { FlagSummary } from '../../features/flags/components/flag-summary.tsx';
import { VariantsDialog } from '../../features/flags/components/variants-dialog.tsx';
import { useLiveStatus } from '../../features/live/live-status.ts';
import { PortabilityMark } from '../../features/portability/components/portability-mark.tsx';
import { ReceiptBar } from '../../features/receipts/components/receipt-bar.tsx';
import { hasCode, toSentence } from '../../lib/api-client.ts';
import { mayChange, useMay } from '../../lib/rights.ts';
import { FlagEvidence, RECENT_CHANGES } from '../flag-evidence.tsx';
import { UnpublishedDialog, useUnpublished } from '../unpublished.tsx';
import { shownEnvironment } from '../use-environment.ts';

/** Of the description, before the rest is asked for. */
const SHOWN_CHARACTERS = 240;

export default function FlagPage() {
  const { project, flag: key } = useParams({ from: '/projects/$project/flags/$flag' });
  const search = useSearch({ from: '/projects/$project/flags/$flag' });
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
  const isEditing = typeof dialog === 'object' && dialog !== null;
  const leaving = useUnpublished(isEditing || Object.values(drafts).some((draft) => draft !== null));
  const dismiss = (environment: string) =>
    setCommitted((all) => Object.fromEntries(Object.entries(all).filter(([name]) => name !== environment)));

  const crumbs = (
    <span className="wrap-anywhere">
      <Link to="/projects/$project/flags" params={{ project }} className="rounded font-normal text-ink-faint hover:text-ink">
        Flags
      </Link>
      <ChevronRightIcon className="mx-1 inline size-4 text-ink-faint" />
      {key}
      <span className="-my-1 ml-1 inline-block align-middle">
        <CopyButton text={key} label="Copy flag key" />
      </span>
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
  const shown = shownEnvironment(environments.data, search.environment);
  const open = (next: Dialog) => {
    archiving.reset();
    setDialog(next);
  };
  const targetingVerb = (environment: Environment) =>
    mayChange(may, 'flag.configure', environment) ? 'Edit targeting' : 'Targeting';
  const mayEditServed =
    data.archivedAt === null && may('flag.update') && environments.data.every((one) => mayChange(may, 'flag.update', one));
  const showReceipts = async () => {
    const atMs = Date.now();
    const now = (await environments.refetch()).data ?? [];
    setCommitted((all) => ({
      ...all,
      ...Object.fromEntries(now.map((one) => [one.key, { revision: one.revision, atMs }])),
    }));
  };
  const recent = changes.data?.pages[0]?.items ?? [];
  return (
    <Page
      title={crumbs}
      // The kill switch stays in sight however much is written above it.
      description={<ShortenedText text={data.description || 'No description'} shown={SHOWN_CHARACTERS} />}
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
              <Button onClick={() => open({ editing: data, half: 'details' })}>
                <EditIcon /> Edit
              </Button>
            )}
          </>
        )
      }
    >
      <FlagSummary
        flag={data}
        portability={data.archivedAt === null && shown && <PortabilityMark project={project} flag={key} environment={shown} />}
      />
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
      <div className="grid grid-cols-[repeat(auto-fit,minmax(min(19rem,100%),1fr))] items-start gap-4">
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
      <FlagEvidence
        project={project}
        flag={data}
        environments={environments.data}
        onEditVariants={mayEditServed ? () => open({ editing: data, half: 'served' }) : undefined}
      />
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
      {typeof dialog === 'object' && dialog?.half === 'served' && (
        <VariantsDialog
          project={project}
          flag={dialog.editing}
          environments={environments.data}
          onClose={() => setDialog(null)}
          onCommitted={() => void showReceipts()}
        />
      )}
      {typeof dialog === 'object' && dialog?.half === 'details' && (
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
type Dialog = 'archive' | 'unarchive' | { readonly editing: Flag; readonly half: 'details' | 'served' };

function FlagSkeleton() {
  return (
    <div role="status" aria-label="Loading flag" className="grid grid-cols-[repeat(auto-fit,minmax(min(19rem,100%),1fr))] gap-4">
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
