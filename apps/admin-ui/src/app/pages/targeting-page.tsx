/** Edits who gets what from one flag in one environment: a draft, judged while it is typed, published at once with a reason. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { Environment, Flag, FlagEnvironment } from '@yardarm/contract';
import { useMemo, useRef, useState } from 'react';
import { ConflictDialog } from '../../components/conflict-dialog.tsx';
import { DiffView } from '../../components/diff-view.tsx';
import { EnvironmentName } from '../../components/environment-name.tsx';
import { PublishDialog } from '../../components/publish-dialog.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { ChevronRightIcon } from '../../components/ui/icons.tsx';
import { EmptyState, ErrorState } from '../../components/ui/notice.tsx';
import { Page } from '../../components/ui/page.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { UnpublishedBar } from '../../components/unpublished-bar.tsx';
import { attributesQuery } from '../../features/attributes/api/get-attributes.ts';
import { changesQuery } from '../../features/changes/api/get-changes.ts';
import { environmentsQuery } from '../../features/environments/api/get-environments.ts';
import { useConfigureFlag } from '../../features/flags/api/configure-flag.ts';
import { flagQuery } from '../../features/flags/api/get-flag.ts';
import { getFlagEnvironment } from '../../features/flags/api/get-flag-environment.ts';
import { flagsQuery } from '../../features/flags/api/get-flags.ts';
import type { Committed } from '../../features/flags/components/environment-card.tsx';
import { TargetingEditor } from '../../features/flags/components/targeting/targeting-editor.tsx';
import { TryCard } from '../../features/flags/components/targeting/try-card.tsx';
import { editedMembers, type TargetingDraft, toTargeting, withEdit } from '../../features/flags/targeting/targeting.ts';
import { targetingDiff, targetingText } from '../../features/flags/targeting/targeting-diff.ts';
import { targetingIssues } from '../../features/flags/targeting/targeting-issues.ts';
import { useLiveStatus } from '../../features/live/live-status.ts';
import { ReceiptBar } from '../../features/receipts/components/receipt-bar.tsx';
import { segmentsQuery } from '../../features/segments/api/get-segments.ts';
import { hasCode, toSentence, toSentences } from '../../lib/api-client.ts';
import { issueAt } from '../../lib/issues.ts';
import { UnpublishedDialog, useUnpublished } from '../unpublished.tsx';

const NOBODY: readonly never[] = [];

export default function TargetingPage() {
  const {
    project,
    flag: key,
    environment: environmentKey,
  } = useParams({
    from: '/projects/$project/flags/$flag/environments/$environment',
  });
  const flag = useQuery(flagQuery(project, key));
  const environments = useQuery(environmentsQuery(project));
  const flags = useQuery(flagsQuery(project));
  const segments = useQuery(segmentsQuery(project));
  const attributes = useQuery(attributesQuery(project));
  const environment = environments.data?.find((one) => one.key === environmentKey);
  const state = flag.data?.environments.find((one) => one.environment === environmentKey);
  const title = (
    <span className="flex min-w-0 flex-wrap items-center gap-1">
      <Link to="/projects/$project/flags" params={{ project }} className="rounded font-normal text-ink-faint hover:text-ink">
        Flags
      </Link>
      <ChevronRightIcon className="size-4 text-ink-faint" />
      <Link
        to="/projects/$project/flags/$flag"
        params={{ project, flag: key }}
        className="min-w-0 truncate rounded font-normal text-ink-faint hover:text-ink"
      >
        {key}
      </Link>
      <ChevronRightIcon className="size-4 text-ink-faint" />
      {environment ? <EnvironmentName environment={environment} /> : environmentKey}
    </span>
  );
  // The same object until something in it changes: what is worked out from it takes a while.
  const surroundings = useMemo(
    () => ({
      environment: environmentKey,
      flags: (flags.data ?? NOBODY).filter(({ archivedAt }) => archivedAt === null),
      segments: segments.data ?? NOBODY,
      attributes: attributes.data ?? NOBODY,
    }),
    [environmentKey, flags.data, segments.data, attributes.data],
  );
  const all = [flag, environments, flags, segments, attributes];
  const error = all.map((query) => query.error).find((cause) => cause !== null);
  if (error && all.some(({ data }) => data === undefined))
    return (
      <Page title={title}>
        <ErrorState message={toSentence(error)} onRetry={() => void Promise.all(all.map((query) => query.refetch()))} />
      </Page>
    );
  if (!flag.data || !environments.data || !flags.data || !segments.data || !attributes.data)
    return (
      <Page title={title}>
        <SkeletonRows rows={8} label="Loading targeting" />
      </Page>
    );
  if (!environment || !state || flag.data.archivedAt !== null)
    return (
      <Page title={title}>
        <EmptyState
          icon={<ChevronRightIcon />}
          title={
            flag.data.archivedAt === null ? `There is no environment '${environmentKey}' in this project` : `'${key}' is archived`
          }
        />
      </Page>
    );
  return (
    <Page title={title} description="Who gets what, decided from top to bottom.">
      <TargetingForm project={project} flag={flag.data} environment={environment} state={state} surroundings={surroundings} />
    </Page>
  );
}

interface TargetingFormProps {
  readonly project: string;
  readonly flag: Flag;
  readonly environment: Environment;
  readonly state: FlagEnvironment;
  readonly surroundings: Parameters<typeof targetingIssues>[2] & {
    readonly attributes: Parameters<typeof TargetingEditor>[0]['vocabulary']['attributes'];
  };
}

interface Conflict {
  readonly theirs: FlagEnvironment;
  readonly reason: string;
}

function TargetingForm({ project, flag, environment, state, surroundings }: TargetingFormProps) {
  const [draft, setDraft] = useState<TargetingDraft | null>(null);
  const [reviewing, setReviewing] = useState(false);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const [committed, setCommitted] = useState<Committed | null>(null);
  const live = useLiveStatus() === 'live';
  const configuring = useConfigureFlag(project);
  const changes = useInfiniteQuery(changesQuery(project, { flag: flag.key, environment: environment.key }, 1));
  const now = draft?.now ?? toTargeting(state);
  const entries = draft === null ? NOBODY : targetingDiff(draft.before, draft.now);
  const issues = useMemo(
    () => (draft === null ? NOBODY : targetingIssues(flag, draft, surroundings)),
    [flag, draft, surroundings],
  );
  const leaving = useUnpublished(entries.length > 0);
  const discard = () => {
    setDraft(null);
    setReviewing(false);
    setConflict(null);
    configuring.reset();
  };

  // The second of two quick clicks comes before the page shows that the first is on its way.
  const publishing = useRef(false);
  const publish = (edit: TargetingDraft, version: number, reason: string) => {
    if (publishing.current) return;
    publishing.current = true;
    const input = { ...editedMembers(edit), ...(reason && { reason }) };
    configuring.mutate(
      { key: flag.key, environment: environment.key, version, input },
      {
        onSuccess: ({ flag: written, revision }) => {
          discard();
          if (written.version !== version) setCommitted({ revision, atMs: Date.now() });
        },
        onError: async (error) => {
          if (!hasCode(error, 'stale_version')) return;
          // Without theirs, the review stays open and says why.
          const theirs = await getFlagEnvironment(project, flag.key, environment.key).catch(() => null);
          if (theirs === null) return;
          setReviewing(false);
          setConflict({ theirs, reason });
        },
        onSettled: () => {
          publishing.current = false;
        },
      },
    );
  };

  return (
    <>
      {committed && (
        <div className="mb-4">
          <ReceiptBar
            project={project}
            environment={environment.key}
            revision={committed.revision}
            sinceMs={committed.atMs}
            live={live}
            onDismiss={() => setCommitted(null)}
          />
        </div>
      )}
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(18rem,2fr)]">
        <TargetingEditor
          flag={flag}
          now={now}
          vocabulary={surroundings}
          flags={surroundings.flags}
          issueAt={(path) => issueAt(issues, path)}
          onChange={(next) => setDraft((was) => withEdit(was, state, next))}
        />
        <div className="lg:sticky lg:top-6">
          <TryCard flag={flag} now={now} surroundings={surroundings} />
        </div>
      </div>
      {entries.length > 0 && draft && (
        <UnpublishedBar
          changes={entries.length}
          where={environment.name}
          issues={issues.length}
          stale={draft.version !== state.version}
          onDiscard={discard}
          onReview={() => setReviewing(true)}
        >
          {!state.on && <Badge>the flag is off here</Badge>}
        </UnpublishedBar>
      )}
      {reviewing && draft && (
        <PublishDialog
          title={`Publish in ${environment.name}`}
          description={
            state.on
              ? 'It is served as soon as it is published.'
              : 'The flag is off here: nobody is served it until it is switched on.'
          }
          entries={entries}
          toText={targetingText}
          reasonRequired={environment.protected}
          pending={configuring.isPending}
          errors={configuring.error ? toSentences(configuring.error) : []}
          onClose={() => setReviewing(false)}
          onPublish={(reason) => publish(draft, draft.version, reason)}
        />
      )}
      {conflict && draft && (
        <ConflictDialog
          open
          environmentName={environment.name}
          actor={changes.data?.pages[0]?.items[0]?.actor.name ?? null}
          theirs={<DiffView entries={targetingDiff(draft.before, toTargeting(conflict.theirs))} toText={targetingText} />}
          mine={<DiffView entries={entries} toText={targetingText} />}
          pending={configuring.isPending}
          onKeepTheirs={discard}
          onPublishMine={() => publish(draft, conflict.theirs.version, conflict.reason)}
        />
      )}
      <UnpublishedDialog leaving={leaving} />
    </>
  );
}
