/** One segment: its members in each environment, who uses it, and its name. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { type ContextAttribute, diff, type Environment, type SegmentWithUses } from '@yardarm/contract';
import { useMemo, useState } from 'react';
import { EnvironmentTabs } from '../../components/environment-tabs.tsx';
import { Locked } from '../../components/locked.tsx';
import { ReasonDialog } from '../../components/reason-dialog.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { ChevronRightIcon } from '../../components/ui/icons.tsx';
import { ErrorState } from '../../components/ui/notice.tsx';
import { Page } from '../../components/ui/page.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { attributesQuery } from '../../features/attributes/api/get-attributes.ts';
import { environmentsQuery } from '../../features/environments/api/get-environments.ts';
import { useConfigureSegment, useDeleteSegment } from '../../features/segments/api/change-segment.ts';
import { getSegmentHalf, type SegmentHalf, segmentQuery } from '../../features/segments/api/get-segment.ts';
import { MembersEditor } from '../../features/segments/components/members-editor.tsx';
import { RenameSegmentDialog } from '../../features/segments/components/rename-segment-dialog.tsx';
import { type MembersDraft, memberIssues, membersText, toMembers } from '../../features/segments/members.ts';
import { toSentence } from '../../lib/api-client.ts';
import { editedMembers, withEdit } from '../../lib/draft.ts';
import { issueAt } from '../../lib/issues.ts';
import { changeLock, useMay } from '../../lib/rights.ts';
import { Publisher } from '../publisher.tsx';
import { shownEnvironment } from '../use-environment.ts';

const NOTHING: readonly never[] = [];

export default function SegmentPage() {
  const { project, segment: key } = useParams({ from: '/projects/$project/segments/$segment' });
  const search = useSearch({ from: '/projects/$project/segments/$segment' });
  const navigate = useNavigate();
  const segment = useQuery(segmentQuery(project, key));
  const environments = useQuery(environmentsQuery(project));
  const attributes = useQuery(attributesQuery(project));
  const [dialog, setDialog] = useState<'rename' | 'delete' | null>(null);
  const may = useMay(project);
  const deleting = useDeleteSegment(project, key);
  const toList = () => navigate({ to: '/projects/$project/segments', params: { project } });
  const title = (
    <span className="wrap-anywhere">
      <Link to="/projects/$project/segments" params={{ project }} className="rounded font-normal text-ink-faint hover:text-ink">
        Segments
      </Link>
      <ChevronRightIcon className="mx-1 inline size-4 text-ink-faint" />
      {segment.data?.name ?? key}
    </span>
  );
  const all = [segment, environments, attributes];
  const error = all.map((query) => query.error).find((cause) => cause !== null);
  const current = shownEnvironment(environments.data, search.environment);
  const half = segment.data?.environments.find(({ environment }) => environment === current?.key);
  if (!segment.data || !environments.data || !attributes.data || !current || !half)
    return (
      <Page title={title}>
        {error ? (
          <ErrorState message={toSentence(error)} onRetry={() => void Promise.all(all.map((query) => query.refetch()))} />
        ) : (
          <SkeletonRows rows={6} label="Loading segment" />
        )}
      </Page>
    );
  const { data } = segment;
  return (
    <Page
      title={title}
      description={<span className="font-mono text-xs">{key}</span>}
      actions={
        <>
          {may('segment.delete') && <Button onClick={() => setDialog('delete')}>Delete</Button>}
          {may('segment.update') && <Button onClick={() => setDialog('rename')}>Rename</Button>}
        </>
      }
    >
      <EnvironmentTabs
        environments={environments.data}
        current={current.key}
        onChoose={(environment) =>
          navigate({ to: '/projects/$project/segments/$segment', params: { project, segment: key }, search: { environment } })
        }
      />
      <MembersForm
        key={current.key}
        project={project}
        segment={data}
        environment={current}
        half={half}
        attributes={attributes.data}
      />
      {dialog === 'rename' && <RenameSegmentDialog project={project} segment={data} onClose={() => setDialog(null)} />}
      {dialog === 'delete' && (
        <ReasonDialog
          title={`Delete ${data.name}?`}
          description={
            data.usedBy.length > 0
              ? 'Flags still use it, so that the server will refuse. Take it out of their rules first.'
              : 'It goes from every environment, with its members. No flag uses it.'
          }
          action="Delete"
          danger
          required={environments.data.some((environment) => environment.protected)}
          pending={deleting.isPending}
          error={deleting.error && toSentence(deleting.error)}
          onClose={() => setDialog(null)}
          onConfirm={(reason) =>
            deleting.mutate({ version: data.version, ...(reason && { reason }) }, { onSuccess: () => void toList() })
          }
        />
      )}
    </Page>
  );
}

interface MembersFormProps {
  readonly project: string;
  readonly segment: SegmentWithUses;
  readonly environment: Environment;
  readonly half: SegmentHalf;
  readonly attributes: readonly ContextAttribute[];
}

function MembersForm({ project, segment, environment, half, attributes }: MembersFormProps) {
  const [draft, setDraft] = useState<MembersDraft | null>(null);
  const configuring = useConfigureSegment(project, segment.key);
  const locked = changeLock(useMay(project), 'segment.configure', environment);
  const entries = draft === null ? NOTHING : diff(draft.before, draft.now);
  const issues = useMemo(() => (draft === null ? NOTHING : memberIssues(segment.key, draft.now)), [segment.key, draft]);
  const users = [...new Set(segment.usedBy.filter((use) => use.environment === environment.key).map(({ flag }) => flag))];

  return (
    <>
      <div className="grid items-start gap-4 *:min-w-0 lg:grid-cols-[minmax(0,3fr)_minmax(16rem,2fr)]">
        <div>
          <Locked why={locked}>
            <MembersEditor
              now={draft?.now ?? toMembers(half)}
              attributes={attributes}
              issueAt={(path) => issueAt(issues, path)}
              onChange={(now) => setDraft((was) => withEdit(was, { before: toMembers(half), version: half.version }, now))}
            />
          </Locked>
        </div>
        <Card title={`Used in ${environment.name}`}>
          {users.length === 0 ? (
            <p className="p-4 text-ink-faint text-sm">No rule asks for it here.</p>
          ) : (
            <ul className="divide-y divide-line">
              {users.map((flag) => (
                <li key={flag} className="px-4 py-2 text-sm">
                  <Link
                    to="/projects/$project/flags/$flag"
                    params={{ project, flag }}
                    className="rounded font-medium hover:text-accent hover:underline"
                  >
                    {flag}
                  </Link>
                </li>
              ))}
            </ul>
          )}
        </Card>
      </div>
      <Publisher
        project={project}
        environment={environment}
        history={{ environment: environment.key }}
        entries={entries}
        toText={membersText}
        issues={issues.length}
        version={draft?.version ?? half.version}
        newestVersion={half.version}
        consequence={
          users.length === 0
            ? 'No flag uses this segment here yet.'
            : `It decides for ${users.join(', ')} as soon as it is published.`
        }
        send={(version, reason) =>
          configuring.mutateAsync({
            environment: environment.key,
            version,
            input: { ...(draft && editedMembers(draft)), ...(reason && { reason }) },
          })
        }
        readTheirs={async () => {
          const theirs = await getSegmentHalf(project, segment.key, environment.key);
          return { version: theirs.version, entries: diff(draft?.before ?? toMembers(half), toMembers(theirs)) };
        }}
        onDiscard={() => setDraft(null)}
      />
    </>
  );
}
