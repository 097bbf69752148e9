/** The instance's own history and the proof of all of it. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { CHANGE_KINDS, type ChangeKind } from '@yardarm/contract';
import { LockedNote } from '../../components/locked.tsx';
import { Button } from '../../components/ui/button.tsx';
import { BareInput } from '../../components/ui/field.tsx';
import { HistoryIcon } from '../../components/ui/icons.tsx';
import { EmptyState, ErrorState } from '../../components/ui/notice.tsx';
import { Page } from '../../components/ui/page.tsx';
import { Select } from '../../components/ui/select.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { type AuditFilter, instanceChangesQuery } from '../../features/audit/api/audit.ts';
import { ProofCard } from '../../features/audit/components/proof-card.tsx';
import { ChangeList } from '../../features/changes/components/change-list.tsx';
import { sessionQuery } from '../../features/session/api/get-session.ts';
import { administers } from '../../lib/administers.ts';
import { toSentence } from '../../lib/api-client.ts';
import { changeDifference } from '../change-difference.tsx';

const ANY = '';
/** What belongs to no project. */
const INSTANCE_KINDS: readonly ChangeKind[] = CHANGE_KINDS.filter((kind) =>
  /^(project|team|user|grant|token|instance|review|access)$/.test(kind),
);

export default function AuditPage() {
  const filter = useSearch({ from: '/instance/audit' });
  const navigate = useNavigate();
  const { data: session } = useQuery(sessionQuery());
  const allowed = session !== undefined && administers(session.grants, null);
  const changes = useInfiniteQuery({ ...instanceChangesQuery(filter), enabled: allowed });
  const items = changes.data?.pages.flatMap((page) => page.items) ?? [];
  const change = (part: AuditFilter) => navigate({ to: '/audit', search: { ...filter, ...part }, replace: true });
  if (session !== undefined && !allowed)
    return (
      <Page title="Audit">
        <LockedNote why="The record of the instance is for its administrators. What changed in a project is under Changes there." />
      </Page>
    );
  return (
    <Page
      title="Audit"
      description="What was done to the instance itself, and the proof that nothing of any history was altered."
    >
      <div className="grid items-start gap-4 *:min-w-0 xl:grid-cols-[1fr_24rem]">
        <div className="overflow-hidden rounded-lg border border-line bg-surface shadow-card">
          <search className="flex flex-wrap items-center gap-2 border-line border-b p-3">
            <BareInput
              aria-label="By whom"
              placeholder="By whom"
              className="max-w-40"
              value={filter.actor ?? ''}
              onChange={({ target }) => change({ actor: target.value || undefined })}
            />
            <Select
              label="About"
              value={filter.kind ?? ANY}
              highlighted={filter.kind !== undefined}
              options={[
                { value: ANY, label: 'About anything' },
                ...INSTANCE_KINDS.map((kind) => ({ value: kind as string, label: `About ${kind}s` })),
              ]}
              onChange={(kind) => change({ kind: kind || undefined })}
            />
            <BareInput
              aria-label="Command"
              placeholder="Command: user.invite"
              className="max-w-48 font-mono text-xs"
              value={filter.command ?? ''}
              onChange={({ target }) => change({ command: target.value.trim() || undefined })}
            />
            <span className="flex items-center gap-2 text-ink-faint text-sm">
              since
              <BareInput
                aria-label="Since"
                type="date"
                className="max-w-40"
                value={filter.since ?? ''}
                onChange={({ target }) => change({ since: target.value || undefined })}
              />
            </span>
          </search>
          {changes.error && !changes.data ? (
            <ErrorState message={toSentence(changes.error)} onRetry={() => void changes.refetch()} />
          ) : !changes.data ? (
            <SkeletonRows rows={8} label="Loading the record" />
          ) : items.length === 0 ? (
            <EmptyState icon={<HistoryIcon className="size-5" />} title="Nothing in the record is like that">
              People, teams, rights, tokens, exports and projects are recorded here; what happens in a project is under Changes
              there.
            </EmptyState>
          ) : (
            <ChangeList changes={items} environmentName={(key) => key} difference={changeDifference} />
          )}
          {changes.hasNextPage && (
            <div className="flex justify-center border-line border-t p-3">
              <Button onClick={() => changes.fetchNextPage()} pending={changes.isFetchingNextPage}>
                Show older
              </Button>
            </div>
          )}
        </div>
        <ProofCard />
      </div>
    </Page>
  );
}
