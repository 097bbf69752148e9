/**
 * One server replica of a simulated world: the real hub and the real rule-set cache, driven as `start-delivery.ts` drives
 * them. It looks at the store each second and whenever it is told to, one look at a time, and keeps a copy on its disk.
 */
import {
  APPLIED_PATH,
  CLOSE,
  compareStates,
  DELTAS_PATH,
  KILLS_PATH,
  type PolledReceipt,
  RULE_SET_PATH,
  type View,
} from '@yardarm/sync';
import { pino } from 'pino';
import { type Have, readHave } from '../../delivery/find-view.ts';
import { createHub, type Hub } from '../../delivery/hub.ts';
import type { ReceiptSources } from '../../delivery/own-receipts.ts';
import { createPollers } from '../../delivery/pollers.ts';
import { createReceiptBooks } from '../../delivery/receipt-books.ts';
import type { SdkKey } from '../../delivery/sdk-keys.ts';
import { createRuleSetCache, type RuleSetCache, type ServedEnvironment } from '../../ruleset/cache.ts';
import type { LoadedRules, RuleReader } from '../../ruleset/load.ts';
import type { ServedView } from '../../ruleset/served-view.ts';
import type { Bug } from './bugs.ts';
import { IDENTITY, type SimulatedDatabase } from './database.ts';
import { WALL_START_MS } from './edits.ts';
import type { Link } from './link.ts';
import type { World } from './world.ts';

const POLL_MS = 1_000;
const RESTART_MS = 1_000;
const PATIENCE_MS = 2_000;
const LOOK_EVERY_MS = 100;
const DELTA = new RegExp(`^${DELTAS_PATH}/([^/]+)/(\\d+)\\.\\.(\\d+)$`);

export const KEYS = {
  server: { id: 'key-s', environmentId: IDENTITY.environmentId, kind: 'server', allowedOrigins: [], expiresAtMs: null },
  client: { id: 'key-c', environmentId: IDENTITY.environmentId, kind: 'client', allowedOrigins: [], expiresAtMs: null },
} as const satisfies Record<string, SdkKey>;

export interface HttpRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of a POST. */
  readonly body: string | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** What a server counts, and of what. */
export interface Counting extends ReceiptSources {
  readonly served: ServedEnvironment;
}

export interface SimulatedServer {
  readonly name: string;
  isUp(): boolean;
  /** Takes requests once it has rules: from the store, or from its disk while the store is away. */
  start(): void;
  /** The process ends here and now. */
  kill(): void;
  /** Says goodbye first. */
  stop(): Promise<void>;
  /** The newest change set was committed through this server, a moment ago. */
  committed(): void;
  /** A notification arrived. */
  notified(): void;
  jumpClock(byMs: number): void;
  accept(link: Link, kind: SdkKey['kind']): void;
  answer(request: HttpRequest, kind: SdkKey['kind']): Promise<HttpAnswer>;
  /** Null: it serves nothing. */
  counting(): Counting | null;
  /** Sockets that the hub holds. */
  sockets(): number;
}

export interface ServerOptions {
  readonly world: World;
  readonly name: string;
  readonly database: SimulatedDatabase;
  readonly bug: Bug;
  /** It counts something else than before. */
  readonly onCounted: () => void;
}

/** One life of the process: what outlives it has no effect. */
interface Life {
  readonly hub: Hub;
  readonly cache: RuleSetCache;
  readonly sources: ReceiptSources;
  readonly links: Set<Link>;
  readonly poll: () => void;
  /** Keys that it knows to be revoked. */
  revoked: ReadonlySet<View>;
  alive: boolean;
  accepting: boolean;
}

export function createServer({ world, name, database, bug, onCounted }: ServerOptions): SimulatedServer {
  // Written nowhere: a stream of its own keeps pino from opening a file for every server of every world.
  const log = pino({ level: 'silent' }, { write: () => {} });
  let clockOffsetMs = 0;
  let life: Life | undefined;
  let disk: { readonly rules: LoadedRules; readonly revoked: ReadonlySet<View> } | undefined;

  function begin(): Life {
    const links = new Set<Link>();
    const now = () => WALL_START_MS + world.nowMs() + clockOffsetMs;
    const repeat = (run: () => void, intervalMs: number): (() => void) => {
      let stopped = false;
      const next = () =>
        world.after(intervalMs, () => {
          if (stopped || !born.alive) return;
          run();
          next();
        });
      next();
      return () => {
        stopped = true;
      };
    };
    const cache = createRuleSetCache({
      reader: readerWithDisk(),
      log,
      onChange: (served) => {
        if (!born.alive) return;
        const { rules } = served;
        world.note(`${name} serves ${rules.epoch}.${rules.revision}`);
        born.hub.advance(served.rules.environmentId);
        born.sources.books.advance(served);
        keepOnDisk(rules.epoch, rules.revision);
      },
    });
    const books = createReceiptBooks({
      environment: cache.get,
      now,
      clockOffsetMs: () => -clockOffsetMs,
      onChange: onCounted,
      onConverged: () => {},
    });
    const pollers = createPollers();
    const sources = { books, pollers, ...bug.sources?.({ books, pollers }) };
    const hub = createHub({
      environment: cache.get,
      now,
      onEffect: () => undefined,
      receipts: sources.books,
      onAhead: () => born.poll(),
      // Virtual time stands still while frames are sent, so that most fan-outs would take one slice.
      slice: world.random.pick([
        { count: 500, ms: 50 },
        { count: 1, ms: 0 },
        { count: 2, ms: 0 },
      ]),
      timers: { repeat, delay: world.sleep, nowMs: world.nowMs, turn: () => world.sleep(world.random.between(0, 5)) },
      log,
    });
    const poll = onePollAtATime(() => pollOnce(born));
    const born: Life = { hub, cache, sources, links, poll, revoked: new Set(), alive: true, accepting: true };
    if (bug.polls ?? true) repeat(born.poll, POLL_MS);
    return born;
  }

  async function pollOnce(born: Life): Promise<void> {
    try {
      const { epoch, revision, committedAtMs } = await database.readHead(name);
      // Of the same instant, and before the rules: as start-delivery.ts does.
      born.revoked = new Set(database.revoked().keys());
      born.hub.revoke(new Set([...born.revoked].map((view) => KEYS[view].id)));
      await born.cache.refresh({ environmentId: IDENTITY.environmentId, epoch, revision, committedAtMs });
    } catch {
      // The next poll tries again.
    }
  }

  /** The store's answer; or, for a server that has just started and gets none, what its disk holds. */
  function readerWithDisk(): RuleReader {
    const store = database.readerOf(name);
    return {
      ...store,
      whole: (environmentId, past) =>
        store.whole(environmentId, past).catch((cause: unknown) => disk?.rules ?? Promise.reject(cause)),
    };
  }

  function keepOnDisk(epoch: string, revision: number): void {
    const logged = database.at({ epoch, revision });
    const writer = life;
    if (logged === undefined) return;
    world.after(world.random.between(1, 300), () => {
      if (writer?.alive !== true) return;
      const rules = { identity: IDENTITY, head: logged, baseRevision: revision, objects: [...logged.bodies.values()], later: [] };
      disk = { rules, revoked: writer.revoked };
    });
  }

  async function start(): Promise<void> {
    if (life !== undefined) return;
    const born = begin();
    life = born;
    await pollOnce(born);
    if (!born.alive || born.cache.get(IDENTITY.environmentId) !== undefined) return;
    if (disk !== undefined) {
      world.happened('server started without store');
      const { epoch, revision, committedAtMs } = disk.rules.head;
      born.revoked = disk.revoked;
      await born.cache.refresh({ environmentId: IDENTITY.environmentId, epoch, revision, committedAtMs }).catch(() => {});
    }
    if (!born.alive || born.cache.get(IDENTITY.environmentId) !== undefined) return;
    // Without rules it ends, and is started again.
    end();
    world.after(RESTART_MS, () => void start());
  }

  /** As sync-answers.ts: never older than what the reader says it holds. */
  async function answer({ path, headers, body }: HttpRequest, kind: SdkKey['kind']): Promise<HttpAnswer> {
    const { pathname, searchParams } = new URL(path, 'http://server');
    if (body !== undefined) return take(pathname, body, kind);
    const [, epoch, from, to] = DELTA.exec(pathname) ?? [];
    const have = readHave(to === undefined ? searchParams.get('have') : `${epoch}.${to}`);
    const view = await viewFor(kind, have);
    if (life?.revoked.has(kind)) return { status: 401, headers: new Map(), body: '' };
    if (view === undefined) return { status: 503, headers: new Map([['retry-after', '1']]), body: '' };
    const prepared =
      pathname === KILLS_PATH
        ? view.killsAnswer
        : pathname === RULE_SET_PATH
          ? view.ruleSet
          : have && view.deltaAt({ epoch: have.epoch, from: Number(from), to: have.revision });
    if (prepared === undefined) return { status: 404, headers: new Map(), body: '' };
    if (headers['If-None-Match'] === prepared.etag) return { status: 304, headers: pairs(prepared.unchanged), body: '' };
    const bytes = await prepared.encoded(['identity']);
    return { status: 200, headers: pairs(bytes.headers), body: bytes.body.toString() };
  }

  /** As applied-route.ts: of a known key, whatever is served. */
  function take(pathname: string, body: string, kind: SdkKey['kind']): HttpAnswer {
    if (life?.revoked.has(kind)) return { status: 401, headers: new Map(), body: '' };
    if (pathname === APPLIED_PATH) {
      life?.sources.pollers.note(KEYS[kind], JSON.parse(body) as PolledReceipt, WALL_START_MS + world.nowMs());
      onCounted();
    }
    return { status: 204, headers: new Map(), body: '' };
  }

  /** The newest view, once it is not older than `have`; undefined when patience ends before. */
  async function viewFor(kind: SdkKey['kind'], have: Have | undefined): Promise<ServedView | undefined> {
    const untilMs = world.nowMs() + PATIENCE_MS;
    for (;;) {
      const view = life?.cache.get(IDENTITY.environmentId)?.views[kind];
      if (view === undefined || have === undefined || compareStates(have, view.state) <= 0) return view;
      if (world.nowMs() >= untilMs) return undefined;
      life?.poll();
      await world.sleep(LOOK_EVERY_MS);
    }
  }

  function end(): void {
    if (life === undefined) return;
    life.alive = false;
    for (const link of life.links) link.serverGone();
    life = undefined;
  }

  return {
    name,
    isUp: () => life?.accepting === true && life.cache.get(IDENTITY.environmentId) !== undefined,
    start: () => void start(),
    kill: end,
    stop: async () => {
      const leaving = life;
      if (leaving === undefined) return;
      leaving.accepting = false;
      await leaving.hub.close();
      if (life === leaving) end();
    },
    committed: () => {
      const { epoch, revision, committedAtMs, objects } = database.head();
      // What the fingerprint of the keys says.
      const revoked = database.revoked();
      if (life?.revoked.size !== revoked.size || ![...revoked.keys()].every((view) => life?.revoked.has(view))) return;
      life?.cache.follow(IDENTITY.environmentId, { head: { epoch, revision, committedAtMs }, objects });
    },
    notified: () => life?.poll(),
    jumpClock: (byMs) => {
      clockOffsetMs += byMs;
    },
    accept: (link, kind) => {
      const taking = life;
      if (taking === undefined) return;
      taking.links.add(link);
      link.server.on('close', () => taking.links.delete(link));
      link.accept();
      if (taking.revoked.has(kind)) return link.server.close(CLOSE.key, 'SDK key refused');
      taking.hub.accept(link.server, KEYS[kind]);
    },
    answer,
    counting: () => {
      const served = life?.cache.get(IDENTITY.environmentId);
      return life === undefined || served === undefined ? null : { ...life.sources, served };
    },
    sockets: () => life?.hub.sockets() ?? 0,
  };
}

/** Names and values in turn, as `writeHead` takes them. */
function pairs(list: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (let index = 0; index + 1 < list.length; index += 2) found.set(String(list[index]).toLowerCase(), String(list[index + 1]));
  return found;
}

/** At most one runs and one waits, which began after the last that asked for it; as the change feed does. */
function onePollAtATime(pollOnce: () => Promise<void>): () => void {
  let running = false;
  let again = false;
  async function poll(): Promise<void> {
    if (running) {
      again = true;
      return;
    }
    running = true;
    do {
      again = false;
      await pollOnce();
    } while (again);
    running = false;
  }
  return () => void poll();
}
