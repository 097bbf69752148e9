/** Where code names a flag: repository by repository, branch by branch, each place with its line. */
import { useQuery } from '@tanstack/react-query';
import type { FlagReferences } from '@yardarm/contract';
import { Badge } from '../../../components/ui/badge.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { ErrorState } from '../../../components/ui/notice.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { SkeletonRows } from '../../../components/ui/skeleton.tsx';
import { toSentence } from '../../../lib/api-client.ts';
import { counted } from '../../../lib/counted.ts';
import { referencesQuery } from '../api/get-references.ts';

type Branch = FlagReferences['branches'][number];
type Place = Branch['places'][number];

/** As many as are looked through at a glance; the others are a click away. */
const SHOWN_PLACES = 6;

export function CodeReferencesCard({ project, flag }: { readonly project: string; readonly flag: string }) {
  const references = useQuery(referencesQuery(project, flag));
  const branches = references.data?.branches;
  return (
    <Card title="Code references">
      {branches === undefined ? (
        references.error ? (
          <ErrorState message={toSentence(references.error)} onRetry={() => void references.refetch()} />
        ) : (
          <SkeletonRows rows={2} label="Loading code references" />
        )
      ) : branches.length === 0 ? (
        <p className="px-4 py-6 text-balance text-center text-ink-faint text-sm">
          No code that was scanned names it. <code className="font-mono text-xs">yardarm scan --upload</code> in a pipeline says
          where code does.
        </p>
      ) : (
        <ul className="divide-y divide-line" data-testid="code-references">
          {branches.map((branch) => (
            <li key={`${branch.repository} ${branch.branch} ${branch.commit}`} className="px-4 py-3 text-sm">
              <BranchHead branch={branch} />
              <Places branch={branch} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function BranchHead({ branch }: { readonly branch: Branch }) {
  return (
    <div className="flex flex-wrap items-baseline gap-x-2 gap-y-0.5">
      <span className="font-medium">{branch.repository}</span>
      <Badge {...(branch.isDefault && { tone: 'accent' as const })}>{branch.branch}</Badge>
      <span className="text-ink-soft">{counted(branch.count, 'place')}</span>
      <span className="text-ink-faint text-xs" title={`Uploaded by ${branch.uploadedBy}`}>
        <code className="font-mono">{branch.commit.slice(0, 10)}</code>,{' '}
        <RelativeTime at={branch.committedAt ?? branch.uploadedAt} />
      </span>
    </div>
  );
}

function Places({ branch: { places, count } }: { readonly branch: Branch }) {
  const [first, rest] = [places.slice(0, SHOWN_PLACES), places.slice(SHOWN_PLACES)];
  return (
    <>
      <PlaceList places={first} />
      {rest.length > 0 && (
        <details className="mt-1">
          <summary className="w-fit cursor-pointer rounded text-ink-faint text-xs hover:text-ink">{rest.length} more</summary>
          <PlaceList places={rest} />
        </details>
      )}
      {count > places.length && (
        <p className="mt-1 text-ink-faint text-xs">
          The first {places.length} of {count} are listed.
        </p>
      )}
    </>
  );
}

function PlaceList({ places }: { readonly places: readonly Place[] }) {
  return (
    <ul className="mt-1.5 space-y-1">
      {places.map(({ path, line, column, kind, text, url }) => (
        <li key={`${path}:${line}:${column}`} className="min-w-0 text-xs leading-4">
          <div className="flex min-w-0 items-baseline gap-2 font-mono">
            {url === null ? (
              <span className="min-w-0 break-all">{`${path}:${line}`}</span>
            ) : (
              <a
                href={url}
                target="_blank"
                rel="noopener noreferrer"
                className="min-w-0 break-all rounded text-accent hover:underline"
              >
                {`${path}:${line}`}
              </a>
            )}
            <span className="shrink-0 font-sans text-ink-faint">{kind}</span>
          </div>
          {text && (
            <div className="truncate font-mono text-ink-faint" title={text}>
              {text.trim()}
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}
