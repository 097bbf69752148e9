/**
 * Who runs the newest revision of one environment, of the instances with one kind of key. Counted as their words come
 * in, so that a receipt costs the same among ten instances as among ten thousand. In memory: a count of
 * connections that outlived them would be a lie. Knows neither clock nor socket.
 */
import { type AppInfo, type ClientMessage, compareStates, type RejectedBody, type SyncState } from '@yardarm/sync';

/** What one `page()` names at most of laggards, of apps and of refusals; the counts are of everybody. */
export const MAX_NAMED = 100;
/** What is kept of one instance's refusals. */
const MAX_KEPT_REJECTIONS = 10;

/** The newest revision as this server knows it. Times are epoch milliseconds of the database's clock. */
export interface BookHead {
  readonly state: SyncState;
  readonly committedAtMs: number;
}

/** Who an instance said that it is, over one link. */
export interface Introduction {
  readonly keyId: string;
  /** Identity that the running copy gave itself; the same on a reconnect. */
  readonly instance: string;
  readonly sdk: string;
  readonly app: AppInfo;
  readonly connectedAtMs: number;
  /** When it was last heard. */
  readonly heardAtMs: () => number;
}

/** Bodies that an instance could not read of a state; of any epoch, where an SDK names none. */
export type Rejection = Omit<Extract<ClientMessage, { type: 'rejected' }>, 'type'>;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Standing = 'pending' | 'applied' | 'rejected';

/** One socket after its hello. Only the book that made it changes it. */
export interface Link {
  readonly said: Introduction;
  applied: SyncState | null;
  /** Arrival of the first receipt that named `applied`. */
  appliedAtMs: number | null;
  rejected: Rejection | null;
  /** Null: not counted, since the instance has a newer link, or this one has ended. */
  standing: Standing | null;
  /** Counts of its app; held here, since to look them up would cost more than all else about a receipt. */
  tally: Tally;
  /** The same instance's link of before: one that has not noticed that it is dead. */
  older: Link | null;
  /** The revision whose applied time was told already. */
  converged: BookHead | null;
}

export interface AppName {
  readonly name: string | null;
  readonly version: string | null;
}

type Tally = Mutable<AppCount>;

export interface AppCount extends AppName {
  readonly connected: number;
  readonly applied: number;
  readonly rejected: number;
}

export interface Slowest extends AppName {
  readonly instance: string;
  /** Commit to receipt. */
  readonly ms: number;
}

export interface Laggard extends AppName {
  readonly instance: string;
  readonly commit: string | null;
  readonly sdk: string;
  /** What it last said that it runs; null: nothing yet. */
  readonly held: { readonly epoch: string; readonly revision: number } | null;
  readonly heardAtMs: number;
}

/** Instances of one version of an app that refused one body. */
export interface Refusal extends AppName {
  readonly kind: RejectedBody['kind'];
  readonly key: string;
  readonly code: string;
  readonly instances: number;
}

/** A book as others read it: plain data. */
export interface BookPage {
  readonly connected: number;
  readonly applied: number;
  readonly rejected: number;
  /** Of those that were connected at the commit and have applied it; null: none. */
  readonly slowest: Slowest | null;
  readonly apps: readonly AppCount[];
  readonly laggards: readonly Laggard[];
  readonly refusals: readonly Refusal[];
}

export interface ReceiptBook {
  join(said: Introduction): Link;
  apply(link: Link, applied: SyncState, atMs: number): void;
  reject(link: Link, rejected: Rejection): void;
  leave(link: Link): void;
  /** A newer revision: everybody is pending but those who were ahead. Costs one pass over the instances. */
  advance(head: BookHead): void;
  connected(): number;
  /** Whether an instance has a link. */
  has(said: Pick<Introduction, 'keyId' | 'instance'>): boolean;
  /** The link of each instance that is connected. */
  links(): Iterable<Link>;
  page(): BookPage;
}

export interface BookOptions {
  readonly head: BookHead;
  /** An instance that was connected at the commit runs it, `ms` after it. Told once for each commit and link. */
  readonly onConverged: (app: AppInfo, ms: number) => void;
}

/** Of a link that has not been counted yet. */
const NO_TALLY: Readonly<Tally> = { name: null, version: null, connected: 0, applied: 0, rejected: 0 };

export function createReceiptBook({ head: first, onConverged }: BookOptions): ReceiptBook {
  let head = first;
  /** The link of each instance that counts: of two the later. */
  const links = new Map<string, Link>();
  const apps = new Map<string, Tally>();
  const refusing = new Set<Link>();
  let applied = 0;
  /** Undefined: its link has gone, so it has to be looked for. */
  let slowest: Link | null | undefined = null;

  function enter(link: Link): void {
    const key = appKey(link.said.app);
    // Another one, if the app was forgotten while this link was not counted.
    link.tally = apps.get(key) ?? { ...appName(link.said.app), connected: 0, applied: 0, rejected: 0 };
    apps.set(key, link.tally);
    link.tally.connected++;
    stand(link, standingOf(link));
  }

  function withdraw(link: Link): void {
    stand(link, null);
    link.tally.connected--;
    if (link.tally.connected === 0) apps.delete(appKey(link.said.app));
  }

  function stand(link: Link, next: Standing | null): void {
    const { tally } = link;
    if (link.standing === 'applied') {
      applied--;
      tally.applied--;
      if (slowest === link) slowest = undefined;
    } else if (link.standing === 'rejected') {
      refusing.delete(link);
      tally.rejected--;
    }
    link.standing = next;
    if (next === 'applied') {
      applied++;
      tally.applied++;
      converge(link);
    } else if (next === 'rejected') {
      refusing.add(link);
      tally.rejected++;
    }
  }

  function converge(link: Link): void {
    const ms = tookMs(link, head);
    if (ms === null) return;
    if (slowest !== undefined && ms > (slowest === null ? -1 : (tookMs(slowest, head) ?? -1))) slowest = link;
    if (link.converged === head) return;
    link.converged = head;
    onConverged(link.said.app, ms);
  }

  function standingOf(link: Link): Standing {
    if (isOf(link.rejected, head.state)) return 'rejected';
    return isSame(link.applied, head.state) ? 'applied' : 'pending';
  }

  function restand(link: Link): void {
    if (link.standing === null) return;
    const next = standingOf(link);
    if (next !== link.standing) stand(link, next);
  }

  function findSlowest(): Link | null {
    let found: Link | null = null;
    let foundMs = -1;
    for (const link of links.values()) {
      const ms = link.standing === 'applied' ? tookMs(link, head) : null;
      if (ms === null || ms <= foundMs) continue;
      found = link;
      foundMs = ms;
    }
    return found;
  }

  function laggards(): readonly Laggard[] {
    const found: Laggard[] = [];
    if (applied + refusing.size === links.size) return found;
    for (const link of links.values()) {
      if (link.standing !== 'pending') continue;
      found.push(toLaggard(link));
      if (found.length === MAX_NAMED) break;
    }
    return found;
  }

  return {
    join: (said) => {
      const identity = identityOf(said);
      const older = links.get(identity) ?? null;
      const link: Link = {
        said,
        applied: null,
        appliedAtMs: null,
        rejected: null,
        standing: null,
        tally: NO_TALLY,
        older,
        converged: null,
      };
      if (older !== null) withdraw(older);
      links.set(identity, link);
      enter(link);
      return link;
    },
    apply: (link, next, atMs) => {
      if (isSame(link.applied, next)) return;
      link.applied = next;
      link.appliedAtMs = atMs;
      // It has moved on, perhaps to a state that this server does not know yet. An SDK names what it refused of a state before it says that it runs it.
      if (!isOf(link.rejected, next)) link.rejected = null;
      restand(link);
    },
    reject: (link, rejected) => {
      link.rejected = { ...rejected, errors: rejected.errors.slice(0, MAX_KEPT_REJECTIONS) };
      // Of a later state than it said that it runs: it has moved on to that, and says so next.
      if (link.applied !== null && compareStates({ ...link.applied, ...rejected }, link.applied) > 0) link.applied = null;
      restand(link);
    },
    leave: (link) => {
      const identity = identityOf(link.said);
      const newest = links.get(identity) ?? null;
      if (newest === link) {
        withdraw(link);
        links.delete(identity);
        if (link.older === null) return;
        links.set(identity, link.older);
        enter(link.older);
        return;
      }
      for (let at = newest; at !== null; at = at.older) if (at.older === link) at.older = link.older;
    },
    advance: (next) => {
      if (isSame(head.state, next.state)) return;
      head = next;
      slowest = null;
      for (const link of links.values()) restand(link);
    },
    connected: () => links.size,
    has: (said) => links.has(identityOf(said)),
    links: () => links.values(),
    page: () => {
      if (slowest === undefined) slowest = findSlowest();
      return {
        connected: links.size,
        applied,
        rejected: refusing.size,
        slowest: slowest && { instance: slowest.said.instance, ...appName(slowest.said.app), ms: tookMs(slowest, head) ?? 0 },
        apps: largest(apps.values()),
        laggards: laggards(),
        refusals: refusalsOf(refusing),
      };
    },
  };
}

function largest(apps: Iterable<AppCount>): readonly AppCount[] {
  const all = Array.from(apps, (count) => ({ ...count }));
  return all.length <= MAX_NAMED ? all : all.sort((a, b) => b.connected - a.connected).slice(0, MAX_NAMED);
}

/** Commit to receipt; null where the link says nothing about how fast the change travelled. */
function tookMs({ said, appliedAtMs }: Link, { committedAtMs }: BookHead): number | null {
  return appliedAtMs === null || said.connectedAtMs > committedAtMs ? null : Math.max(0, appliedAtMs - committedAtMs);
}

function refusalsOf(links: Iterable<Link>): readonly Refusal[] {
  const found = new Map<string, Mutable<Refusal>>();
  for (const { said, rejected } of links) {
    for (const { kind, key, code } of rejected?.errors ?? []) {
      const name = JSON.stringify([kind, key, code, appKey(said.app)]);
      const known = found.get(name);
      if (known !== undefined) known.instances++;
      else if (found.size < MAX_NAMED) found.set(name, { kind, key, code, ...appName(said.app), instances: 1 });
    }
  }
  return [...found.values()];
}

function toLaggard({ said, applied }: Link): Laggard {
  return {
    instance: said.instance,
    ...appName(said.app),
    commit: said.app.commit ?? null,
    sdk: said.sdk,
    held: applied && { epoch: applied.epoch, revision: applied.revision },
    heardAtMs: said.heardAtMs(),
  };
}

function identityOf({ keyId, instance }: Pick<Introduction, 'keyId' | 'instance'>): string {
  return `${keyId} ${instance}`;
}

function appName({ name, version }: AppInfo): AppName {
  return { name: name ?? null, version: version ?? null };
}

function appKey({ name, version }: AppInfo): string {
  return JSON.stringify([name ?? null, version ?? null]);
}

function isOf(rejected: Rejection | null, { epoch, revision }: SyncState): boolean {
  return rejected?.revision === revision && (rejected.epoch ?? epoch) === epoch;
}

function isSame(a: SyncState | null, b: SyncState): boolean {
  return a?.epoch === b.epoch && a.revision === b.revision && a.digest === b.digest;
}
