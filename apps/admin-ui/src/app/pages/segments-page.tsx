import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import type { Environment, Segment } from '@yardarm/contract';
import { useState } from 'react';
import { EnvironmentName } from '../../components/environment-name.tsx';
import { Button } from '../../components/ui/button.tsx';
import { BareInput } from '../../components/ui/field.tsx';
import { PlusIcon, SearchIcon, SegmentIcon } from '../../components/ui/icons.tsx';
import { EmptyState, ErrorState } from '../../components/ui/notice.tsx';
import { Page } from '../../components/ui/page.tsx';
import { ScrollRegion } from '../../components/ui/scroll-region.tsx';
import { SkeletonRows } from '../../components/ui/skeleton.tsx';
import { environmentsQuery } from '../../features/environments/api/get-environments.ts';
import { segmentsQuery } from '../../features/segments/api/get-segments.ts';
import { NewSegmentDialog } from '../../features/segments/components/new-segment-dialog.tsx';
import { membersSentence } from '../../features/segments/members.ts';
import { toSentence } from '../../lib/api-client.ts';
import { useMay } from '../../lib/rights.ts';

export default function SegmentsPage() {
  const { project } = useParams({ from: '/projects/$project/segments' });
  const navigate = useNavigate();
  const segments = useQuery(segmentsQuery(project));
  const environments = useQuery(environmentsQuery(project));
  const [creating, setCreating] = useState(false);
  const [search, setSearch] = useState('');
  const error = segments.error ?? environments.error;
  const found =
    segments.data?.filter(({ key, name }) => `${key} ${name}`.toLowerCase().includes(search.trim().toLowerCase())) ?? [];
  const newSegment = useMay(project)('segment.create') && (
    <Button look="primary" onClick={() => setCreating(true)}>
      <PlusIcon /> New segment
    </Button>
  );
  return (
    <Page
      title="Segments"
      description="Named conditions on the context that rules of several flags can ask for."
      actions={newSegment}
    >
      {error && (!segments.data || !environments.data) ? (
        <ErrorState message={toSentence(error)} onRetry={() => void Promise.all([segments.refetch(), environments.refetch()])} />
      ) : !segments.data || !environments.data ? (
        <SkeletonRows rows={5} label="Loading segments" />
      ) : segments.data.length === 0 ? (
        <EmptyState icon={<SegmentIcon className="size-5" />} title="This project has no segments yet" action={newSegment}>
          Make one when two flags are about to repeat the same condition: beta testers, one customer, your own staff.
        </EmptyState>
      ) : (
        <div className="overflow-hidden rounded-lg border border-line bg-surface shadow-card">
          <search className="relative block border-line border-b p-3">
            <SearchIcon className="pointer-events-none absolute top-5 left-5.5 size-4 text-ink-faint" />
            <BareInput
              type="search"
              aria-label="Search segments"
              placeholder="Search by key or name"
              className="max-w-96 pl-8"
              value={search}
              onChange={(event) => setSearch(event.target.value)}
            />
          </search>
          <SegmentsTable project={project} segments={found} environments={environments.data} />
        </div>
      )}
      {creating && (
        <NewSegmentDialog
          project={project}
          onClose={(made) => {
            setCreating(false);
            if (made !== null) void navigate({ to: '/projects/$project/segments/$segment', params: { project, segment: made } });
          }}
        />
      )}
    </Page>
  );
}

interface SegmentsTableProps {
  readonly project: string;
  readonly segments: readonly Segment[];
  readonly environments: readonly Environment[];
}

function SegmentsTable({ project, segments, environments }: SegmentsTableProps) {
  return (
    <ScrollRegion label="Segments">
      <table className="w-full text-left text-sm">
        <thead className="border-line border-b text-ink-faint text-xs">
          <tr>
            <th scope="col" className="px-4 py-2 font-medium">
              Segment
            </th>
            {environments.map((environment) => (
              <th key={environment.key} scope="col" className="min-w-36 whitespace-nowrap px-4 py-2 font-medium">
                <EnvironmentName environment={environment} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {segments.map((segment) => (
            <tr key={segment.key} className="hover:bg-hover">
              <th scope="row" className="min-w-52 px-4 py-2.5 font-medium">
                <Link
                  to="/projects/$project/segments/$segment"
                  params={{ project, segment: segment.key }}
                  className="rounded hover:text-accent hover:underline"
                >
                  {segment.name}
                </Link>
                <div className="wrap-anywhere font-mono font-normal text-ink-faint text-xs">{segment.key}</div>
              </th>
              {environments.map(({ key }) => {
                const half = segment.environments.find(({ environment }) => environment === key);
                const sentence = half ? membersSentence(half) : 'nobody';
                return (
                  <td key={key} className={sentence === 'nobody' ? 'px-4 py-2.5 text-ink-faint' : 'px-4 py-2.5 text-ink-soft'}>
                    <span className="line-clamp-2" title={sentence}>
                      {sentence}
                    </span>
                  </td>
                );
              })}
            </tr>
          ))}
          {segments.length === 0 && (
            <tr>
              <td colSpan={environments.length + 1} className="px-4 py-8 text-center text-ink-faint">
                No segment is called that.
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
