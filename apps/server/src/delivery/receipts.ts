/** Receipts of one server as it shares them, and of all servers as one answer. Pure. */
import type { PollingCounts, ReceiptCounts, Receipts } from '@yardarm/contract';
import { compareStates, type SyncState } from '@yardarm/sync';
import type { Poller } from './pollers.ts';
import type { AppName, BookPage } from './receipt-book.ts';
import { KEY_KINDS, type KeyKind } from './receipt-books.ts';

/** Raise it when the shape changes: servers of both versions run side by side while one is replaced, and leave out what they cannot read. */
export const RECEIPTS_FORMAT = 1;
/** Apps, laggards and refusals named in one answer of each kind of key: whoever holds a client key, which is public, crowds out no server. */
const MAX_NAMED = 100;

/** What one server counts with one kind of key: by streams, and apart from them who polls. */
export interface KindReceipts {
  readonly page: BookPage;
  readonly polling: PollingCounts;
}

/** What one server counts of one environment, at the newest revision that it knows. */
export interface ReplicaReceipts extends Readonly<Record<KeyKind, KindReceipts>> {
  readonly format: typeof RECEIPTS_FORMAT;
  readonly epoch: string;
  readonly revision: number;
  /** Epoch milliseconds of the database's clock. */
  readonly committedAtMs: number;
}

export const EMPTY_PAGE: BookPage = {
  connected: 0,
  applied: 0,
  rejected: 0,
  slowest: null,
  apps: [],
  laggards: [],
  refusals: [],
};

/** What somebody who polls has said of `state`; a refusal is of the state that he named with it. */
export function standingOf({ applied, hasRejected }: Poller, state: SyncState): 'applied' | 'rejected' | 'pending' {
  if (compareStates(applied, state) !== 0) return 'pending';
  if (hasRejected) return 'rejected';
  return applied.digest === state.digest ? 'applied' : 'pending';
}

export function countPolling(pollers: readonly Poller[], state: SyncState): PollingCounts {
  const standings = pollers.map((poller) => standingOf(poller, state));
  const of = (standing: string) => standings.filter((one) => one === standing).length;
  return { readers: pollers.length, applied: of('applied'), rejected: of('rejected') };
}

export function hasReaders(receipts: ReplicaReceipts): boolean {
  return KEY_KINDS.some((kind) => receipts[kind].page.connected + receipts[kind].polling.readers > 0);
}

/** The answer about the newest revision that any of `replicas` (at least one) knows. Whoever is connected to one that does not know it yet is pending. */
export function mergeReceipts(
  environment: string,
  replicas: readonly [ReplicaReceipts, ...ReplicaReceipts[]],
  complete: boolean,
): Receipts {
  const newest = replicas.reduce((a, b) => (compareStates(b, a) > 0 ? b : a));
  const pages = replicas.flatMap((replica) =>
    KEY_KINDS.map((keyKind) => ({
      keyKind,
      ...(compareStates(replica, newest) === 0 ? replica[keyKind] : toPending(replica[keyKind])),
    })),
  );
  const of = (kind: KeyKind) => pages.filter(({ keyKind }) => keyKind === kind);
  return {
    environment,
    revision: newest.revision,
    committedAt: new Date(newest.committedAtMs).toISOString(),
    server: countReceipts(of('server')),
    client: countReceipts(of('client')),
    apps: mergeApps(pages),
    laggards: firstOfEachKind(
      pages
        .flatMap(({ keyKind, page }) => page.laggards.map((laggard) => ({ keyKind, ...laggard })))
        .sort((a, b) => a.heardAtMs - b.heardAtMs),
    ).map(({ keyKind, instance, name, version, commit, sdk, held, heardAtMs }) => ({
      keyKind,
      instance,
      app: { name, version, commit },
      sdk,
      held,
      heardAt: new Date(heardAtMs).toISOString(),
    })),
    refusals: mergeRefusals(pages),
    replicas: { count: replicas.length, complete },
  };
}

interface KindPage extends KindReceipts {
  readonly keyKind: KeyKind;
}

function countReceipts(pages: readonly KindPage[]): ReceiptCounts {
  const connected = sum(pages.map(({ page }) => page.connected));
  const applied = sum(pages.map(({ page }) => page.applied));
  const rejected = sum(pages.map(({ page }) => page.rejected));
  const [slowest] = pages.flatMap(({ page }) => page.slowest ?? []).sort((a, b) => b.ms - a.ms);
  return {
    connected,
    applied,
    pending: connected - applied - rejected,
    rejected,
    slowestMs: slowest?.ms ?? null,
    slowest: slowest ? { instance: slowest.instance, app: toApp(slowest) } : null,
    polling: {
      readers: sum(pages.map(({ polling }) => polling.readers)),
      applied: sum(pages.map(({ polling }) => polling.applied)),
      rejected: sum(pages.map(({ polling }) => polling.rejected)),
    },
  };
}

function mergeApps(pages: readonly KindPage[]): Receipts['apps'] {
  const all = pages.flatMap(({ keyKind, page }) => page.apps.map((app) => ({ keyKind, app })));
  const merged = groupBy(all, ({ keyKind, app }) => JSON.stringify([keyKind, app.name, app.version])).map((group) => {
    const connected = sum(group.map(({ app }) => app.connected));
    const applied = sum(group.map(({ app }) => app.applied));
    const rejected = sum(group.map(({ app }) => app.rejected));
    const { keyKind, app } = group[0];
    return { keyKind, app: toApp(app), connected, applied, pending: connected - applied - rejected, rejected };
  });
  return firstOfEachKind(merged.sort((a, b) => b.connected - a.connected));
}

function mergeRefusals(pages: readonly KindPage[]): Receipts['refusals'] {
  const all = pages.flatMap(({ keyKind, page }) => page.refusals.map((refusal) => ({ keyKind, refusal })));
  const identity = ({ keyKind, refusal: { kind, key, code, name, version } }: (typeof all)[number]) =>
    JSON.stringify([keyKind, kind, key, code, name, version]);
  const merged = groupBy(all, identity).map((group) => {
    const { keyKind, refusal } = group[0];
    const { kind, key, code } = refusal;
    return { keyKind, kind, key, code, app: toApp(refusal), instances: sum(group.map((one) => one.refusal.instances)) };
  });
  return firstOfEachKind(merged.sort((a, b) => b.instances - a.instances));
}

function firstOfEachKind<T extends { readonly keyKind: KeyKind }>(sorted: readonly T[]): T[] {
  const taken = { server: 0, client: 0 };
  return sorted.filter(({ keyKind }) => taken[keyKind]++ < MAX_NAMED);
}

function toPending({ page: { connected, apps, laggards }, polling: { readers } }: KindReceipts): KindReceipts {
  const pending = apps.map((app) => ({ ...app, applied: 0, rejected: 0 }));
  return {
    page: { ...EMPTY_PAGE, connected, laggards, apps: pending },
    polling: { readers, applied: 0, rejected: 0 },
  };
}

function toApp({ name, version }: AppName): AppName {
  return { name, version };
}

function groupBy<T>(all: readonly T[], keyOf: (one: T) => string): readonly (readonly [T, ...T[]])[] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group === undefined) groups.set(keyOf(one), [one]);
    else group.push(one);
  }
  return [...groups.values()];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
