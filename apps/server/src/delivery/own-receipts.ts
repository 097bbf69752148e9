/** What one server counts of one environment: instances with a stream, and apart from them those that poll. Pure. */
import type { AppInfo, SyncState } from '@yardarm/sync';
import type { ServedEnvironment } from '../ruleset/cache.ts';
import type { Reader } from '../telemetry/coverage.ts';
import type { FleetReader } from './fleet.ts';
import type { Poller, Pollers } from './pollers.ts';
import { KEY_KINDS, type KeyKind, type ReceiptBooks } from './receipt-books.ts';
import { countPolling, EMPTY_PAGE, RECEIPTS_FORMAT, type ReplicaReceipts, standingOf } from './receipts.ts';

/** Where a server keeps who confirmed what. */
export interface ReceiptSources {
  readonly books: ReceiptBooks;
  readonly pollers: Pollers;
}

/** `nowMs`: epoch milliseconds of the database's clock. */
export function ownReceipts(sources: ReceiptSources, served: ServedEnvironment, nowMs: number): ReplicaReceipts {
  const { rules, views, committedAtMs } = served;
  const { epoch, revision } = views.server.state;
  const polling = pollersOf(sources, rules.environmentId, nowMs);
  const of = (kind: KeyKind) => ({
    page: sources.books.find(rules.environmentId, kind)?.page() ?? EMPTY_PAGE,
    polling: countPolling(
      polling.filter((poller) => poller.kind === kind),
      views[kind].state,
    ),
  });
  return { format: RECEIPTS_FORMAT, epoch, revision, committedAtMs, server: of('server'), client: of('client') };
}

/** `served`: undefined where the environment is served no more. */
export function* ownReaders(
  sources: ReceiptSources,
  environmentId: string,
  served: ServedEnvironment | undefined,
  nowMs: number,
): Iterable<FleetReader> {
  for (const keyKind of KEY_KINDS) {
    for (const { said, applied: held, standing } of sources.books.find(environmentId, keyKind)?.links() ?? [])
      yield {
        ...{ ...said, environmentId, keyKind, app: toReaderApp(said.app), heardAtMs: said.heardAtMs() },
        ...{ held, state: standing ?? 'pending', polls: false },
      };
  }
  for (const poller of pollersOf(sources, environmentId, nowMs))
    yield toPollingReader(poller, environmentId, served?.views[poller.kind].state);
}

/** `newest`: undefined where the environment is served no more. */
export function toPollingReader(poller: Poller, environmentId: string, newest: SyncState | undefined): FleetReader {
  const { kind: keyKind, applied: held, firstHeardAtMs: connectedAtMs, hasRejected: _, app, ...said } = poller;
  const state = newest === undefined ? 'pending' : standingOf(poller, newest);
  return { ...said, environmentId, keyKind, app: toReaderApp(app), connectedAtMs, held, state, polls: true };
}

/** Whoever has a stream is counted by it alone, also where it is one that lets nothing through and ends soon. */
function pollersOf({ books, pollers }: ReceiptSources, environmentId: string, nowMs: number): readonly Poller[] {
  const all = pollers.list(environmentId, nowMs);
  return all.filter((poller) => books.find(environmentId, poller.kind)?.has(poller) !== true);
}

function toReaderApp({ name, version, commit }: AppInfo): Reader['app'] {
  return { name: name ?? null, version: version ?? null, commit: commit ?? null };
}
