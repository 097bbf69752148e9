/** One SDK of a simulated world: the client that every SDK runs, over the simulated network and in virtual time. */
import {
  boundedText,
  compareStates,
  type FetchOutcome,
  type Kill,
  parseServerMessage,
  readSnapshot,
  type Store,
  type SyncClient,
  snapshotLines,
  startClient,
  stateText,
  syncRequests,
  type View,
} from '@yardarm/sync';
import type { Bug } from './bugs.ts';
import { WALL_START_MS } from './edits.ts';
import type { Network } from './network.ts';
import type { World } from './world.ts';

/** Of a frame in the record: its type and its position. */
const NOTED_CHARS = 120;
const INITIALIZE_TIMEOUT_MS = 3_000;
/** Of the kept file. */
const OWNER = 'key';

/** What is watched of an SDK. */
export interface SdkObserver {
  /** A process begins, with nothing or with what an earlier one kept. */
  started(sdk: SimulatedSdk, kept: Store | null): void;
  /** What it holds now is in its file. */
  kept(sdk: SimulatedSdk): void;
  /** It holds another store than before. */
  stored(sdk: SimulatedSdk, store: Store): void;
  /** Kills reached it, by whichever path; `held` is what it had before. */
  killed(sdk: SimulatedSdk, epoch: string, kills: readonly Kill[], held: Store | null): void;
  changed(sdk: SimulatedSdk, flagsChanged: readonly string[]): void;
  /** It gave its connection up. */
  heardNothing(sdk: SimulatedSdk): void;
  requests(sdk: SimulatedSdk, path: string): void;
}

export interface SimulatedSdk {
  readonly name: string;
  readonly view: View;
  /** Identity of the process that runs now. */
  instance(): string;
  /** Null before the first rule set. */
  store(): Store | null;
  health(): ReturnType<SyncClient['health']>;
  /** Timers that are set. */
  timers(): number;
  start(): void;
  /** The process ends here and now, and another one begins. */
  restart(): void;
  jumpClock(byMs: number): void;
  /** What a platform knows of the process that runs now. */
  tell(what: 'suspended' | 'resumed'): void;
}

export interface SdkOptions {
  readonly world: World;
  readonly name: string;
  readonly view: View;
  readonly network: Network;
  readonly observer: SdkObserver;
  readonly bug: Bug;
  /** Whether it keeps what it holds in a file, from which the next process starts. */
  readonly keeps: boolean;
}

export function createSdk({ world, name, view, network, observer, bug, keeps }: SdkOptions): SimulatedSdk {
  const decoder = new TextDecoder();
  let client: SyncClient | undefined;
  let life = { alive: false, timers: 0 };
  let isHidden = false;
  let asked = 0;
  let lives = 0;
  let clockOffsetMs = 0;
  let file: string | null = null;

  const requests = syncRequests(
    {
      send: (url, headers, body) => {
        observer.requests(sdk, url);
        if (isHidden) world.violate(`${name} asks for ${url} although nobody looks`);
        return network.request({ name, view }, { path: url, headers, body });
      },
      readText: boundedText((bytes) => decoder.decode(bytes)),
    },
    { baseUrl: '', key: 'key', view },
  );

  /** Unless the process that asked is gone. */
  async function answered(own: { readonly alive: boolean }, asked: Promise<FetchOutcome>): Promise<FetchOutcome> {
    const outcome = await asked;
    if (!own.alive) return new Promise(() => {});
    world.note(`${name} fetched ${outcomeText(outcome)}`);
    const held = sdk.store();
    // Whoever is not looked at takes no answer, and asks anew later.
    if (outcome.kind === 'delta' && !isHidden) observer.killed(sdk, ...killsOf(outcome.message), held);
    return bug.fetched?.(outcome, held) ?? outcome;
  }

  /** Late, as a file is written; a process that ends before has kept what it held earlier. */
  function keep(store: Store, own: { readonly alive: boolean }): void {
    world.after(world.random.between(1, 1_000), () => {
      if (!own.alive || sdk.store() !== store) return;
      const lines = [...snapshotLines(store, OWNER)];
      file = (bug.kept?.(lines, store) ?? lines).join('\n');
      observer.kept(sdk);
    });
  }

  function begin(): void {
    const kept = file === null ? null : readSnapshot(file, OWNER);
    if (kept !== null) world.happened('SDK started from its file');
    lives++;
    observer.started(sdk, kept);
    const own = { alive: true, timers: 0 };
    life = own;
    isHidden = false;
    client = startClient({
      config: { sdk: 'simulated/1', app: { name }, instance: sdk.instance(), initializeTimeoutMs: INITIALIZE_TIMEOUT_MS },
      correctClock: view === 'client',
      kept,
      onStore: (store) => {
        observer.stored(sdk, store);
        if (keeps) keep(store, own);
      },
      transport: {
        connect: (handlers) =>
          network.connect(
            { name, view },
            {
              opened: () => own.alive && handlers.opened(),
              heard: () => own.alive && handlers.heard(),
              closed: (end) => own.alive && handlers.closed(end),
              received: (text) => {
                if (!own.alive) return;
                const held = sdk.store();
                world.note(`${name} receives ${text.slice(0, NOTED_CHARS)}`);
                if (text.includes('"kill":[{')) observer.killed(sdk, ...killsOf(parseServerMessage(text)), held);
                handlers.received(bug.received?.(text, held) ?? text);
              },
            },
          ),
        ...requests,
        fetchRuleSet: (have) => {
          asked++;
          return answered(own, requests.fetchRuleSet(have));
        },
        fetchDelta: (path) => answered(own, requests.fetchDelta(path)),
        fetchKills: async () => {
          const answer = await requests.fetchKills();
          if (!own.alive) return new Promise(() => {});
          world.note(`${name} fetched kills ${answer === null ? 'in vain' : `${answer.epoch}.${answer.revision}`}`);
          const held = sdk.store();
          // One that is older than what is held says nothing.
          if (answer !== null && held !== null && compareStates(answer, held.state) >= 0)
            observer.killed(sdk, answer.epoch, answer.off, held);
          return answer;
        },
      },
      runtime: {
        nowMs: world.nowMs,
        wallMs: () => WALL_START_MS + world.nowMs() + clockOffsetMs,
        random: world.random.next,
        startTimer: (run, delayMs) => {
          own.timers++;
          let isSet = true;
          const unset = () => {
            if (isSet) own.timers--;
            isSet = false;
          };
          const cancel = world.after(delayMs, () => {
            unset();
            if (own.alive) run();
          });
          return () => {
            unset();
            cancel();
          };
        },
      },
      notify: (notice) => {
        if (!own.alive) return;
        world.note(`${name} ${notice.type}${notice.type === 'changed' ? ` ${notice.flagsChanged.join(' ')}` : ''}`);
        if (notice.type === 'stale' && notice.problem.includes('silent')) observer.heardNothing(sdk);
        if (notice.type === 'changed') observer.changed(sdk, notice.flagsChanged);
      },
    });
  }

  const sdk: SimulatedSdk = {
    name,
    view,
    instance: () => `${name}-${lives}`,
    store: () => client?.store() ?? null,
    health: () => client?.health() ?? 'stopped',
    timers: () => life.timers,
    start: () => {
      if (!life.alive) begin();
    },
    restart: () => {
      life.alive = false;
      network.forget(name);
      begin();
    },
    jumpClock: (byMs) => {
      clockOffsetMs += byMs;
    },
    tell: (what) => {
      isHidden = what === 'suspended';
      const before = asked;
      client?.tell(what);
      if (!isHidden && asked === before) world.violate(`${name} is looked at again, and does not ask anew`);
    },
  };
  return sdk;
}

/** The kills of a delta, readable as a whole or not. */
function killsOf(message: ReturnType<typeof parseServerMessage>): [epoch: string, kills: readonly Kill[]] {
  if (message?.type === 'delta') return [message.epoch, message.kill];
  return message?.type === 'invalid' && message.kills !== undefined ? [message.kills.epoch, message.kills.kill] : ['', []];
}

function outcomeText(outcome: FetchOutcome): string {
  switch (outcome.kind) {
    case 'failed':
      return `nothing: ${outcome.problem}`;
    case 'delta':
      return outcome.message.type === 'delta' ? `delta ${outcome.message.from}..${outcome.message.to}` : 'a broken delta';
    default:
      return `${outcome.kind} ${outcome.state === undefined ? '' : stateText(outcome.state)}`;
  }
}
