/**
 * From an edit to its receipts, wherever something is published in one environment: how much is not published yet, the last look with the
 * reason, theirs and mine where somebody was first, and who runs it afterwards.
 */
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import type { Environment } from '@yardarm/contract';
import { type ReactNode, useRef, useState } from 'react';
import { ConflictDialog } from '../components/conflict-dialog.tsx';
import { DiffView, type DiffViewProps } from '../components/diff-view.tsx';
import { PublishDialog } from '../components/publish-dialog.tsx';
import { UnpublishedBar } from '../components/unpublished-bar.tsx';
import { changesQuery } from '../features/changes/api/get-changes.ts';
import { useLiveStatus } from '../features/live/live-status.ts';
import { ReceiptBar } from '../features/receipts/components/receipt-bar.tsx';
import { hasCode, toSentences } from '../lib/api-client.ts';
import type { PlacedEntry } from '../lib/place-text.ts';
import type { ChangesFilter } from '../lib/query-keys.ts';
import { UnpublishedDialog, useUnpublished } from './unpublished.tsx';

/** Where a change stands once it is committed, or what stands there instead. */
interface Written {
  readonly version: number;
  readonly revision: number;
}
interface Theirs {
  readonly version: number;
  /** What they changed, from where this edit began. */
  readonly entries: readonly PlacedEntry[];
}

export interface PublisherProps {
  readonly project: string;
  readonly environment: Environment;
  /** Whose changes here name the person who was first. */
  readonly history: ChangesFilter;
  /** What the edit changes; empty: there is none. */
  readonly entries: readonly PlacedEntry[];
  readonly toText: NonNullable<DiffViewProps['toText']>;
  /** How many things are not right yet. */
  readonly issues: number;
  /** Version that the edit was made from, and the newest. */
  readonly version: number;
  readonly newestVersion: number;
  /** What publishing does to whom. */
  readonly consequence: string;
  /** Stands in the bar. */
  readonly note?: ReactNode;
  readonly send: (version: number, reason: string) => Promise<Written>;
  readonly readTheirs: () => Promise<Theirs>;
  readonly onDiscard: () => void;
}

export function Publisher(props: PublisherProps) {
  const { project, environment, entries, toText, issues, version, newestVersion, send, readTheirs } = props;
  const [reviewing, setReviewing] = useState(false);
  const [conflict, setConflict] = useState<(Theirs & { readonly reason: string }) | null>(null);
  const [committed, setCommitted] = useState<{ readonly revision: number; readonly atMs: number } | null>(null);
  const live = useLiveStatus() === 'live';
  const changes = useInfiniteQuery(changesQuery(project, props.history, 1));
  const leaving = useUnpublished(entries.length > 0);
  const publishing = useMutation({
    mutationFn: (edit: { readonly version: number; readonly reason: string }) => send(edit.version, edit.reason),
  });
  const discard = () => {
    props.onDiscard();
    setReviewing(false);
    setConflict(null);
    publishing.reset();
  };

  // The second of two quick clicks comes before the page shows that the first is on its way.
  const underWay = useRef(false);
  const publish = (from: number, reason: string) => {
    if (underWay.current) return;
    underWay.current = true;
    publishing.mutate(
      { version: from, reason },
      {
        onSuccess: (written) => {
          discard();
          // An edit that changes nothing makes no revision, and no receipts to wait for.
          if (written.version !== from) setCommitted({ revision: written.revision, atMs: Date.now() });
        },
        onError: async (error) => {
          if (!hasCode(error, 'stale_version')) return;
          // Without theirs, the review stays open and says why.
          const theirs = await readTheirs().catch(() => null);
          if (theirs === null) return;
          setReviewing(false);
          setConflict({ ...theirs, reason });
        },
        onSettled: () => {
          underWay.current = false;
        },
      },
    );
  };

  return (
    <>
      <div className="sticky bottom-3 z-10 mt-4 space-y-2">
        {committed && (
          <ReceiptBar
            project={project}
            environment={environment.key}
            revision={committed.revision}
            sinceMs={committed.atMs}
            live={live}
            onDismiss={() => setCommitted(null)}
          />
        )}
        {entries.length > 0 && (
          <UnpublishedBar
            changes={entries.length}
            where={environment.name}
            issues={issues}
            stale={version !== newestVersion}
            onDiscard={discard}
            onReview={() => setReviewing(true)}
          >
            {props.note}
          </UnpublishedBar>
        )}
      </div>
      {reviewing && entries.length > 0 && (
        <PublishDialog
          title={`Publish in ${environment.name}`}
          description={props.consequence}
          entries={entries}
          toText={toText}
          reasonRequired={environment.protected}
          pending={publishing.isPending}
          errors={publishing.error ? toSentences(publishing.error) : []}
          onClose={() => setReviewing(false)}
          onPublish={(reason) => publish(version, reason)}
        />
      )}
      {conflict && entries.length > 0 && (
        <ConflictDialog
          open
          environmentName={environment.name}
          actor={changes.data?.pages[0]?.items[0]?.actor.name ?? null}
          theirs={<DiffView entries={conflict.entries} toText={toText} />}
          mine={<DiffView entries={entries} toText={toText} />}
          pending={publishing.isPending}
          onClose={() => setConflict(null)}
          onKeepTheirs={discard}
          onPublishMine={() => publish(conflict.version, conflict.reason)}
        />
      )}
      <UnpublishedDialog leaving={leaving} />
    </>
  );
}
