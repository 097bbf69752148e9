/** Edits who gets what from one flag in one environment: a draft, judged while it is typed, published at once with a reason. */
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { Environment, Flag, FlagEnvironment } from '@yardarm/contract';
import { useMemo, useState } from 'react';
import { EnvironmentName } from '../../components/environment-name.tsx';
import { Locked } from '../../components/locked.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { ChevronRightIcon } from '../../components/ui/icons.tsx';
import { EmptyState, ErrorState } from '../../components/ui/notice.tsx';
import { Page } from '../../components/ui/page.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { attributesQuery } from '../../features/attributes/api/get-attributes.ts';
import { environmentsQuery } from '../../features/environments/api/get-environments.ts';
import { useConfigureFlag } from '../../features/flags/api/configure-flag.ts';
import { flagQuery } from '../../features/flags/api/get-flag.ts';
import { getFlagEnvironment } from '../../features/flags/api/get-flag-environment.ts';
import { flagsQuery } from '../../features/flags/api/get-flags.ts';
import { TargetingEditor } from '../../features/flags/components/targeting/targeting-editor.tsx';
import { TryCard } from '../../features/flags/components/targeting/try-card.tsx';
import { type TargetingDraft, toTargeting } from '../../features/flags/targeting/targeting.ts';
import { targetingDiff, targetingText } from '../../features/flags/targeting/targeting-diff.ts';
import { targetingIssues } from '../../features/flags/targeting/targeting-issues.ts';
import { segmentsQuery } from '../../features/segments/api/get-segments.ts';
import { toSentence } from '../../lib/api-client.ts';
import { editedMembers, withEdit } from '../../lib/draft.ts';
import { issueAt } from '../../lib/issues.ts';
import { changeLock, useMay } from '../../lib/rights.ts';
import { Publisher } from '../publisher.tsx';

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

function TargetingForm({ project, flag, environment, state, surroundings }: TargetingFormProps) {
  const [draft, setDraft] = useState<TargetingDraft | null>(null);
  const configuring = useConfigureFlag(project);
  const locked = changeLock(useMay(project), 'flag.configure', environment);
  const now = draft?.now ?? toTargeting(state);
  const entries = draft === null ? NOBODY : targetingDiff(draft.before, draft.now);
  const issues = useMemo(
    () => (draft === null ? NOBODY : targetingIssues(flag, draft, surroundings)),
    [flag, draft, surroundings],
  );

  return (
    <>
      <div className="grid items-start gap-4 *:min-w-0 lg:grid-cols-[minmax(0,3fr)_minmax(18rem,2fr)]">
        <div>
          <Locked why={locked}>
            <TargetingEditor
              flag={flag}
              now={now}
              vocabulary={surroundings}
              flags={surroundings.flags}
              issueAt={(path) => issueAt(issues, path)}
              // A rule can be dragged whatever is disabled.
              onChange={(next) =>
                locked === undefined &&
                setDraft((was) => withEdit(was, { before: toTargeting(state), version: state.version }, next))
              }
            />
          </Locked>
        </div>
        {/* A long trace scrolls by itself, and ends above the bar with the edit. */}
        <div className="lg:sticky lg:top-6 lg:max-h-[calc(100vh-8rem)] lg:overflow-y-auto">
          <TryCard flag={flag} now={now} surroundings={surroundings} />
        </div>
      </div>
      <Publisher
        project={project}
        environment={environment}
        history={{ flag: flag.key, environment: environment.key }}
        entries={entries}
        toText={targetingText}
        issues={issues.length}
        version={draft?.version ?? state.version}
        newestVersion={state.version}
        consequence={
          state.on
            ? 'It is served as soon as it is published.'
            : 'The flag is off here: nobody is served it until it is switched on.'
        }
        note={!state.on && <Badge>the flag is off here</Badge>}
        send={async (version, reason) => {
          const input = { ...(draft && editedMembers(draft)), ...(reason && { reason }) };
          const written = await configuring.mutateAsync({ key: flag.key, environment: environment.key, version, input });
          return { version: written.flag.version, revision: written.revision };
        }}
        readTheirs={async () => {
          const theirs = await getFlagEnvironment(project, flag.key, environment.key);
          return { version: theirs.version, entries: targetingDiff(draft?.before ?? now, toTargeting(theirs)) };
        }}
        onDiscard={() => setDraft(null)}
      />
    </>
  );
}
