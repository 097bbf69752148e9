/**
 * What the servers of a simulated world may say of who runs what. Held against what arrived at them (words.ts), and against
 * what the SDKs really held. At every instant: nobody is counted who has no socket, nor as more than he said or did. At rest:
 * all servers together count everybody once, and as what he is.
 */
import { compareStates, type PolledReceipt, type Store, type SyncState, stateText, type View } from '@yardarm/sync';
import { WebSocket } from 'ws';
import { ownReceipts } from '../../delivery/own-receipts.ts';
import type { Link as BookLink, BookPage } from '../../delivery/receipt-book.ts';
import { mergeReceipts } from '../../delivery/receipts.ts';
import { IDENTITY, type SimulatedDatabase } from './database.ts';
import { WALL_START_MS } from './edits.ts';
import type { Network, NetworkLink } from './network.ts';
import { differences, fleetOf, fleetText, polledStanding, pollerText, refuses } from './receipt-texts.ts';
import type { SimulatedSdk } from './sdk.ts';
import type { Counting, SimulatedServer } from './server.ts';
import { isAt, standingOf, type Words } from './words.ts';
import type { World } from './world.ts';

/** A hub that fans out hears what arrived a little later. */
const HEARD_MS = 250;
/** Whatever nobody told this of is looked at so often. */
const LOOK_EVERY_MS = 1_000;
/** All servers are asked together at each so many looks: it costs as much as all else. */
const MERGED_EVERY = 5;
/** Who polls counts for so long after its last word. */
const POLLED_MS = 75_000;
/** Two and a half beats, a look each second, and the time for a closing handshake. */
const DEAD_MS = 45_000;
const KINDS: readonly View[] = ['server', 'client'];

export interface ReceiptOracle {
  /** An SDK holds another store than before. */
  stored(sdk: SimulatedSdk, store: Store): void;
  /** A server took the receipt of an SDK without a stream. */
  posted(server: SimulatedServer, view: View, receipt: PolledReceipt): void;
  /** A server counts something else than before. */
  counted(server: string): void;
  /** To be called after every event. */
  check(): void;
  /** What an SDK that is connected has not told its server; null when nothing. */
  untold(sdk: SimulatedSdk): string | null;
  /** What all servers together say wrongly while everybody is at the newest state; null when nothing. */
  miscount(): string | null;
}

/** What a process of an SDK did with one state. */
interface Held {
  readonly sinceMs: number;
  /** With every body readable. */
  wasRead: boolean;
  /** With a body that it could not read. */
  wasRefused: boolean;
}

interface Posted {
  readonly view: View;
  readonly receipt: PolledReceipt;
  readonly atMs: number;
}

export interface ReceiptOracleOptions {
  readonly world: World;
  readonly database: SimulatedDatabase;
  readonly network: () => Network;
  readonly servers: () => readonly SimulatedServer[];
  readonly sdks: () => readonly SimulatedSdk[];
}

export function createReceiptOracle({ world, database, network, servers, sdks }: ReceiptOracleOptions): ReceiptOracle {
  /** By instance, then by state. */
  const held = new Map<string, Map<string, Held>>();
  /** By the pollers of one life of a server, then by instance. */
  const posts = new WeakMap<object, Map<string, Posted>>();
  const changed = new Set<string>();
  let lookMs = 0;
  let looks = 0;

  function checkServer(server: SimulatedServer): void {
    const counting = server.counting();
    if (counting === null) return;
    const sockets = socketsOf(server);
    for (const kind of KINDS) {
      const book = counting.books.find(IDENTITY.environmentId, kind);
      if (book === undefined) continue;
      const links = [...book.links()];
      for (const link of links) checkLink(server, counting, kind, link, sockets.get(`${kind} ${link.said.instance}`));
      checkPage(server, counting, kind, book.page(), links, sockets);
    }
    checkPollers(server, counting);
  }

  /** Open ones whose hello arrived; of one instance the latest. */
  function socketsOf({ name }: SimulatedServer): ReadonlyMap<string, NetworkLink> {
    const found = new Map<string, NetworkLink>();
    for (const link of network().links()) {
      const words = link.words();
      if (link.serverName !== name || link.server.readyState === WebSocket.CLOSED || words === null) continue;
      const other = found.get(`${link.view} ${words.instance}`)?.words();
      if (other == null || words.helloAtMs >= other.helloAtMs) found.set(`${link.view} ${words.instance}`, link);
    }
    return found;
  }

  function checkLink(
    { name }: SimulatedServer,
    { served }: Counting,
    kind: View,
    { said: { instance }, standing }: BookLink,
    socket: NetworkLink | undefined,
  ): void {
    const head = served.views[kind].state;
    const where = () => `${name} counts ${instance} as ${standing} at ${stateText(head)}`;
    const words = socket?.words();
    if (socket === undefined || words == null) {
      world.violate(`${where()}, and has no socket of it`);
      return;
    }
    // Who says in its hello what it holds names what it could not read of it right after.
    const isGreeting = words.helloAtMs > world.nowMs() - HEARD_MS;
    checkClaim(where, standing, head, instance, isGreeting || socket.isMisheard());
    if (socket.server.readyState !== WebSocket.OPEN || words.lastAtMs > world.nowMs() - HEARD_MS) return;
    const wanted = standingOf(words, head);
    if (standing !== wanted) world.violate(`${where()}, and by what it said it is ${wanted}`);
  }

  /** Whatever was on its way or got lost: who is said to run a state has run it, and who is said to refuse it has refused it. */
  function checkClaim(
    where: () => string,
    standing: BookLink['standing'],
    head: SyncState,
    instance: string,
    isHalfHeard: boolean,
  ): void {
    if (standing === 'pending') return;
    const of = held.get(instance)?.get(stateText(head));
    if (standing === 'applied' && of === undefined) world.violate(`${where()}, and it never held that`);
    if (standing === 'applied' && of?.wasRead === false && !isHalfHeard)
      world.violate(`${where()}, and it could not read all of that`);
    // Of that revision: where it began from a file that has last good bodies, what it holds has another digest.
    const named = stateText({ ...head, digest: '' });
    const hasRefused = [...(held.get(instance) ?? [])].some(([name, { wasRefused }]) => wasRefused && name.startsWith(named));
    if (standing === 'rejected' && !hasRefused) world.violate(`${where()}, and it read all that it had of it`);
  }

  function checkPage(
    { name }: SimulatedServer,
    { served }: Counting,
    kind: View,
    page: BookPage,
    links: readonly BookLink[],
    sockets: ReadonlyMap<string, NetworkLink>,
  ): void {
    const where = `${name}, ${kind} keys`;
    const of = (standing: string) => links.filter((link) => link.standing === standing).length;
    const counts = [page.connected, page.applied, page.rejected, page.laggards.length].join(' ');
    const wanted = [links.length, of('applied'), of('rejected'), of('pending')].join(' ');
    if (counts !== wanted) world.violate(`${where}: connected, applied, rejected and laggards are ${counts}, and not ${wanted}`);
    for (const what of ['connected', 'applied', 'rejected'] as const) {
      const inApps = page.apps.reduce((sum, app) => sum + app[what], 0);
      if (inApps !== page[what]) world.violate(`${where}: its apps have ${inApps} ${what}, and it has ${page[what]}`);
    }
    const committedMs = committedAtMs(served.views[kind].state);
    const applied = links.flatMap((link) => {
      const words = sockets.get(`${kind} ${link.said.instance}`)?.words();
      return link.standing === 'applied' && words != null ? [words] : [];
    });
    checkSlowest(where, page.slowest, applied, committedMs, served.views[kind].state);
  }

  /** Not before the commit, nor before the SDK ran it, nor less than anybody took; and nobody's who came after the commit. */
  function checkSlowest(
    where: string,
    slowest: BookPage['slowest'],
    applied: readonly Words[],
    committedMs: number,
    head: SyncState,
  ): void {
    const sure = applied.filter(({ helloAtMs }) => helloAtMs <= committedMs - HEARD_MS);
    const leastMs = Math.max(...sure.map(({ heldAtMs }) => heldAtMs - committedMs));
    if (slowest === null) {
      if (sure.length > 0) world.violate(`${where}: nobody is the slowest, and ${sure[0]?.instance} was there`);
      return;
    }
    const who = applied.find(({ instance }) => instance === slowest.instance);
    const sinceMs = held.get(slowest.instance)?.get(stateText(head))?.sinceMs ?? Number.POSITIVE_INFINITY;
    const said = `${where}: the slowest is ${slowest.instance} with ${slowest.ms} ms`;
    if (who === undefined) world.violate(`${said}, which is not counted as applied`);
    else if (who.helloAtMs > committedMs) world.violate(`${said}, and it came after the commit`);
    else if (slowest.ms < sinceMs - committedMs)
      world.violate(`${said}, and it ran it ${sinceMs - committedMs} ms after the commit`);
    else if (slowest.ms > world.nowMs() - committedMs) world.violate(`${said}, which is longer than since the commit`);
    else if (slowest.ms < leastMs) world.violate(`${said}, and another one took ${leastMs} ms`);
  }

  function committedAtMs(state: Parameters<SimulatedDatabase['at']>[0]): number {
    return (database.at(state)?.committedAtMs ?? Number.NaN) - WALL_START_MS;
  }

  function checkPollers({ name }: SimulatedServer, counting: Counting): void {
    const list = counting.pollers.list(IDENTITY.environmentId, WALL_START_MS + world.nowMs());
    const posted = postsOf(counting);
    if (list.length === 0 && posted.length === 0) return;
    const texts = list.map(({ instance, kind, applied, hasRejected }) => pollerText(instance, kind, applied, hasRejected));
    const wanted = posted.map(({ view, receipt: { instance, applied, rejected } }) =>
      pollerText(instance, view, applied, rejected !== undefined),
    );
    const wrong = differences(texts, wanted);
    if (wrong !== null) world.violate(`${name}: of those that poll ${wrong}`);
    for (const { view, receipt } of posted) {
      const standing = polledStanding(receipt, counting.served.views[view].state);
      const where = () => `${name} was told by ${receipt.instance}, which polls, that it is ${standing}`;
      checkClaim(where, standing, receipt.applied, receipt.instance, false);
    }
    const receipts = ownReceipts(counting, counting.served, WALL_START_MS + world.nowMs());
    for (const kind of KINDS) {
      const counts = receipts[kind].polling;
      const found = `${counts.readers} ${counts.applied} ${counts.rejected}`;
      const right = countPosted(counting, kind);
      if (found !== right) world.violate(`${name}, ${kind} keys: polling, applied and rejected are ${found}, and not ${right}`);
    }
  }

  /** What those said that count as polling, whether or not they have a stream as well. */
  function postsOf({ pollers }: Counting): readonly Posted[] {
    return [...(posts.get(pollers)?.values() ?? [])].filter(({ atMs }) => world.nowMs() - atMs <= POLLED_MS);
  }

  /** Without those that have a stream. */
  function pollingOnly(counting: Counting, kind: View): readonly Posted[] {
    const links = [...(counting.books.find(IDENTITY.environmentId, kind)?.links() ?? [])];
    const streaming = new Set(links.map(({ said }) => said.instance));
    return postsOf(counting).filter(({ view, receipt }) => view === kind && !streaming.has(receipt.instance));
  }

  function countPosted(counting: Counting, kind: View): string {
    const standings = pollingOnly(counting, kind).map(({ receipt }) =>
      polledStanding(receipt, counting.served.views[kind].state),
    );
    const of = (standing: string) => standings.filter((one) => one === standing).length;
    return `${standings.length} ${of('applied')} ${of('rejected')}`;
  }

  /** A server believes in a socket for so long at most after its reader ended it. */
  function checkDead(): void {
    for (const link of network().links()) {
      const endedMs = link.clientEndedAtMs();
      if (endedMs !== null && link.words() !== null && world.nowMs() - endedMs > DEAD_MS && !link.isOver())
        world.violate(`${link.serverName} counts ${link.words()?.instance} ${world.nowMs() - endedMs} ms after its end`);
    }
  }

  function countTogether() {
    const all = servers().flatMap((server) => server.counting() ?? []);
    const nowMs = WALL_START_MS + world.nowMs();
    const [first, ...others] = all.map((counting) => ownReceipts(counting, counting.served, nowMs));
    if (first === undefined) return null;
    return { all, replicas: [first, ...others], merged: mergeReceipts(IDENTITY.environment, [first, ...others], true) };
  }

  /** Some servers know more than others: as applied count only those that have run the newest that any of them knows. */
  function checkMerged(): void {
    const counted = countTogether();
    if (counted === null) return;
    for (const kind of KINDS) {
      const states = counted.all.map(({ served }) => served.views[kind].state);
      const newest = states.reduce((a, b) => (compareStates(b, a) > 0 ? b : a));
      const links = counted.all.flatMap(({ books }) => [...(books.find(IDENTITY.environmentId, kind)?.links() ?? [])]);
      const ran = links.filter(({ said }) => held.get(said.instance)?.has(stateText(newest)) === true).length;
      const polled = counted.all
        .flatMap(postsOf)
        .filter(({ view, receipt }) => view === kind && isAt(receipt.applied, newest)).length;
      const { applied, pending, polling } = counted.merged[kind];
      const where = `all servers, ${kind} keys, at ${stateText(newest)}`;
      if (applied > ran) world.violate(`${where}: ${applied} applied, and ${ran} have run it`);
      if (polling.applied > polled) world.violate(`${where}: ${polling.applied} that poll applied, and ${polled} said so`);
      if (pending < 0) world.violate(`${where}: ${pending} pending`);
    }
  }

  function miscount(): string | null {
    const together = countTogether();
    if (together === null) return 'no server counts anything';
    const { all, replicas, merged } = together;
    const nowMs = WALL_START_MS + world.nowMs();
    const streaming = sdks().filter(({ name }) => !network().isStreamless(name));
    const polling = KINDS.flatMap((kind) => all.map((counting) => countPosted(counting, kind)));
    const counted = KINDS.flatMap((kind) => replicas.map((replica) => replica[kind].polling));
    const found = {
      apps: merged.apps.map(({ keyKind, app, ...counts }) => `${keyKind} ${app.name} ${JSON.stringify(counts)}`),
      totals: KINDS.map((kind) => {
        const { connected, applied, pending, rejected } = merged[kind];
        return `${kind}: ${connected} connected, ${applied} applied, ${pending} pending, ${rejected} rejected`;
      }),
      refusals: merged.refusals.map(
        ({ keyKind, kind, key, app, instances }) => `${keyKind} ${kind} ${key} ${app.name} ${instances}`,
      ),
      polling: counted.map(({ readers, applied, rejected }) => `${readers} ${applied} ${rejected}`),
      laggards: merged.laggards.map(({ instance }) => instance),
      fleet: fleetOf(all, nowMs),
    };
    const wanted: typeof found = {
      apps: streaming.map((sdk) => {
        const [applied, rejected] = refuses(sdk) ? [0, 1] : [1, 0];
        return `${sdk.view} ${sdk.name} ${JSON.stringify({ connected: 1, applied, pending: 0, rejected })}`;
      }),
      totals: KINDS.map((kind) => {
        const own = streaming.filter(({ view }) => view === kind);
        const rejected = own.filter(refuses).length;
        return `${kind}: ${own.length} connected, ${own.length - rejected} applied, 0 pending, ${rejected} rejected`;
      }),
      refusals: streaming.flatMap(({ view, name, store }) =>
        (store()?.rejected ?? []).map(({ kind, key }) => `${view} ${kind} ${key} ${name} 1`),
      ),
      polling,
      laggards: [],
      fleet: [
        ...streaming.map((sdk) => fleetText(sdk.instance(), refuses(sdk) ? 'rejected' : 'applied', false)),
        ...all.flatMap((counting) =>
          KINDS.flatMap((kind) =>
            pollingOnly(counting, kind).map(({ receipt }) =>
              fleetText(receipt.instance, polledStanding(receipt, counting.served.views[kind].state), true),
            ),
          ),
        ),
      ],
    };
    for (const what of Object.keys(found) as (keyof typeof found)[]) {
      const wrong = differences(found[what], wanted[what]);
      if (wrong !== null) return `${what}: ${wrong}`;
    }
    return mispolled(all);
  }

  /** Where frames were lost or damaged on their way, only the next change tells it again. */
  function untold(sdk: SimulatedSdk): string | null {
    const link = network()
      .links()
      .find((one) => one.sdk === sdk.name && one.isSound() && one.isWelcomed());
    const [words, state] = [link?.words(), sdk.store()?.state];
    if (link === undefined || link.isMisheard() || words == null || state === undefined) return null;
    const [said, wanted] = [standingOf(words, state), refuses(sdk) ? 'rejected' : 'applied'];
    return said === wanted ? null : `${sdk.name} said to its server that it is ${said}, and it is ${wanted}`;
  }

  /** Who has no stream counts somewhere, and the last that it said to anybody is what it is. */
  function mispolled(all: readonly Counting[]): string | null {
    for (const sdk of sdks().filter(({ name }) => network().isStreamless(name))) {
      const said = all.flatMap(postsOf).filter(({ receipt }) => receipt.instance === sdk.instance());
      const [last] = said.sort((a, b) => b.atMs - a.atMs);
      const state = sdk.store()?.state;
      const standing = last && state && polledStanding(last.receipt, state);
      const wanted = refuses(sdk) ? 'rejected' : 'applied';
      if (standing !== wanted) return `${sdk.name}, which polls, said last that it is ${standing}, and it is ${wanted}`;
    }
    return null;
  }

  return {
    stored: (sdk, { state, rejected }) => {
      const own = held.get(sdk.instance()) ?? new Map<string, Held>();
      held.set(sdk.instance(), own);
      const name = stateText(state);
      const known = own.get(name) ?? { sinceMs: world.nowMs(), wasRead: false, wasRefused: false };
      own.set(name, known);
      if (rejected.length === 0) known.wasRead = true;
      else known.wasRefused = true;
      if (rejected.length > 0) world.happened('body refused');
    },
    posted: (server, view, receipt) => {
      const pollers = server.counting()?.pollers;
      if (pollers === undefined) return;
      const own = posts.get(pollers) ?? new Map<string, Posted>();
      posts.set(pollers, own);
      own.set(receipt.instance, { view, receipt, atMs: world.nowMs() });
    },
    counted: (server) => changed.add(server),
    check: () => {
      const isDue = world.nowMs() >= lookMs;
      for (const server of servers()) if (isDue || changed.has(server.name)) checkServer(server);
      changed.clear();
      if (!isDue) return;
      checkDead();
      if (looks++ % MERGED_EVERY === 0) checkMerged();
      lookMs = world.nowMs() + LOOK_EVERY_MS;
    },
    untold,
    miscount,
  };
}
