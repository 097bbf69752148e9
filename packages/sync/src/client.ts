/**
 * Runs a replica: keeps its state, performs its effects through the transport it is given, and sets one timer
 * at the next instant at which a time rule can change an answer. Holds no I/O itself; sockets, requests, timers,
 * clock and randomness are arguments, so that every SDK, and a simulator, runs the same code.
 */
import { type CompiledRuleSet, nextBoundary } from '@yardarm/evaluator';
import { flagsCrossing } from './dependants.ts';
import type { KillsAnswer, PolledReceipt, SyncState, TelemetryReport } from './messages.ts';
import { parseServerMessage } from './parse.ts';
import { replicaStep, startReplica } from './replica.ts';
import type { FetchOutcome, ReplicaConfig, ReplicaEffect, ReplicaEvent, ReplicaState, ReplicaStep } from './replica-state.ts';
import type { Store } from './store.ts';
import type { TelemetryOutcome } from './telemetry-sender.ts';

/** What a transport reports about one socket. */
export interface SocketHandlers {
  opened(): void;
  received(text: string): void;
  /** Something below the level of messages arrived: a ping. */
  heard(): void;
  closed(end: Omit<Extract<ReplicaEvent, { type: 'closed' }>, 'type'>): void;
}

export interface Socket {
  send(text: string): void;
  /** Ends the connection. Nothing of it is listened to any more. */
  close(): void;
}

export interface Transport {
  connect(handlers: SocketHandlers): Socket;
  /** `have` without a position is known by its digest alone. This and the next two always answer, within bounded time, and never reject. */
  fetchRuleSet(have: SyncState | null): Promise<FetchOutcome>;
  fetchDelta(path: string): Promise<FetchOutcome>;
  /** Null when there is no answer, or none that can be read. */
  fetchKills(): Promise<KillsAnswer | null>;
  /** Tried once; what becomes of it is nobody's concern. */
  sendReceipt(receipt: PolledReceipt): void;
  /** Always answers, within bounded time, and never rejects. */
  sendTelemetry(report: TelemetryReport): Promise<TelemetryOutcome>;
}

export interface Runtime {
  /** A clock that never runs backwards, for delays. */
  nowMs(): number;
  /** Epoch milliseconds, for time rules. */
  wallMs(): number;
  /** In [0, 1). */
  random(): number;
  /** Calls back once; the answer cancels it. Must not keep a process alive. */
  startTimer(run: () => void, delayMs: number): () => void;
}

export type ClientNotice = Extract<ReplicaEffect, { type: 'changed' | 'ready' | 'stale' | 'failed' }>;

export interface SyncClient {
  /** What is held now; null before the first rule set. */
  store(): Store | null;
  /** The instant at which rules are to be evaluated, in epoch milliseconds. Where no rule asks for the time, it is not looked at. */
  evaluationMs(): number;
  /** How long nothing has said that what is held is current; undefined while something does. */
  staleForMs(): number | undefined;
  /** Whether what is held can be trusted to be current; `starting` before the first rule set is due. */
  health(): 'starting' | 'ready' | 'stale' | 'error' | 'stopped';
  /** What only the platform knows; see the events of these names. */
  tell(what: 'suspended' | 'resumed'): void;
  /** Ends everything: socket, timers. An HTTP request under way is left to end by itself, unheard. */
  stop(): void;
}

export interface ClientDependencies {
  readonly config: ReplicaConfig;
  readonly transport: Transport;
  readonly runtime: Runtime;
  /** True where the clock is the user's: it is corrected by the one in the server's welcome. */
  readonly correctClock: boolean;
  /** What was kept of an earlier run. */
  readonly kept?: Store | null;
  /** True where that came from a server just now, and is as good as its answer. */
  readonly isFresh?: boolean;
  notify(notice: ClientNotice): void;
  /** Another store is in use than before. */
  onStore?(store: Store): void;
}

/** Clocks that are never set drift apart by so much in half a day. */
const MAX_DRIFT_MS = 2_000;
/** Longer delays overflow the timers of JavaScript; waking up early and sleeping again costs nothing. */
const MAX_TIMER_MS = 24 * 60 * 60 * 1000;

export function startClient({
  config,
  transport,
  runtime,
  correctClock,
  kept = null,
  isFresh = false,
  notify,
  onStore,
}: ClientDependencies): SyncClient {
  let state: ReplicaState | undefined;
  let socket: Socket | undefined;
  let connections = 0;
  let cancelWake = () => {};
  let wakesAtMs = Number.POSITIVE_INFINITY;
  let cancelBoundary = () => {};
  /**
   * To the clock of the wall, which goes on while a machine sleeps; that of delays stands still in many browsers. `apartMs`: how far
   * the two were apart with the welcome of this connection, or when that was last found to have changed. Where it
   * changes, one was set or the machine slept: nobody can tell which.
   */
  let clockOffsetMs = 0;
  let apartMs = Number.NaN;
  /** The instant for which time rules were last looked at. */
  let crossedMs: number | undefined;
  /** No rule in use names an instant, so that any instant gives the same answers; a look at the clock costs more than most of them. */
  let isTimeless = false;
  let staleSinceMs: number | undefined;
  let lastAsked: Promise<FetchOutcome> | undefined;
  /** Events that arrive while effects are performed wait for their turn. */
  const waiting: (() => ReplicaStep | undefined)[] = [];
  let running = false;
  /** From the call of `stop` on, which may come out of a notice with more of them to follow. */
  let stopping = false;

  function dispatch(event: ReplicaEvent): void {
    enqueue(() => (state === undefined ? undefined : replicaStep(state, event, runtime.nowMs(), runtime.random())));
  }

  function enqueue(step: () => ReplicaStep | undefined): void {
    waiting.push(step);
    if (running) return;
    running = true;
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [before, storeBefore] = [timedBy(state), storeOf(state)];
        const done = next();
        if (done === undefined) continue;
        state = done.state;
        // Before any notice: whoever hears one asks what is in use, or stops, after which nothing is.
        const store = storeOf(state);
        if (store !== null && store !== storeBefore) onStore?.(store);
        if (timedBy(state) !== before) {
          isTimeless = false;
          armBoundary();
        }
        for (const effect of done.effects) perform(effect);
      }
    } finally {
      running = false;
    }
  }

  function perform(effect: ReplicaEffect): void {
    switch (effect.type) {
      case 'connect':
        connect();
        return;
      case 'send':
        socket?.send(JSON.stringify(effect.message));
        return;
      case 'disconnect':
        disconnect();
        return;
      case 'fetchRuleSet':
        hear(transport.fetchRuleSet(effect.have));
        return;
      case 'fetchDelta':
        hear(transport.fetchDelta(effect.path));
        return;
      case 'fetchKills':
        void transport.fetchKills().then((answer) => dispatch({ type: 'killsFetched', answer }));
        return;
      case 'sendReceipt':
        transport.sendReceipt(effect.receipt);
        return;
      case 'wake':
        // Waking early does no harm, and nearly every frame puts off what is due: the timer stays. One whose time has passed may have been lost.
        if (effect.atMs === null) cancelWake();
        else if (effect.atMs < wakesAtMs || wakesAtMs < runtime.nowMs()) {
          cancelWake();
          wakesAtMs = effect.atMs;
          cancelWake = startTimer(() => {
            wakesAtMs = Number.POSITIVE_INFINITY;
            dispatch({ type: 'woke' });
          }, wakesAtMs - runtime.nowMs());
        }
        return;
      case 'clock':
        if (correctClock) clockOffsetMs = effect.serverNowMs - runtime.wallMs();
        armAnew();
        return;
      default:
        if (effect.type === 'ready') staleSinceMs = undefined;
        else if (effect.type === 'stale') staleSinceMs = runtime.nowMs();
        if (!stopping) notify(effect);
    }
  }

  function hear(asked: Promise<FetchOutcome>): void {
    lastAsked = asked;
    void asked.then((outcome) => dispatch({ type: 'fetched', outcome, isLate: asked !== lastAsked }));
  }

  function connect(): void {
    disconnect();
    apartMs = Number.NaN;
    // A socket that was given up may still report: only the current one is heard.
    const own = connections;
    const report = (event: ReplicaEvent) => {
      if (own === connections) dispatch(event);
    };
    const closed: SocketHandlers['closed'] = (end) => report({ type: 'closed', ...end });
    try {
      socket = transport.connect({
        opened: () => report({ type: 'opened' }),
        received: (text) => {
          const message = parseServerMessage(text);
          report({ type: 'received', message });
          // Once for each beat at most, however often the clock is set.
          if (message?.type === 'beat' && Math.abs(clocksApartMs() - apartMs) > MAX_DRIFT_MS) {
            // The next welcome says what time it is.
            if (correctClock) report({ type: 'resumed' });
            else armAnew();
          }
        },
        heard: () => report({ type: 'heard' }),
        closed,
      });
    } catch (cause) {
      closed({ code: null, status: null, retryAfterMs: null, problem: cause instanceof Error ? cause.message : String(cause) });
    }
  }

  function disconnect(): void {
    connections++;
    socket?.close();
    socket = undefined;
  }

  /** The clock is what it is to be, from now on. */
  function armAnew(): void {
    apartMs = clocksApartMs();
    armBoundary();
  }

  /** Also tells which answers the clock has changed since it was called last, whichever way the clock moved. */
  function armBoundary(): void {
    cancelBoundary();
    const store = storeOf(state);
    if (store === null || stopping) return;
    const nowMs = wallMs();
    crossedMs ??= nowMs;
    if (timedBy(state) === 'unchecked') return;
    const [fromMs, toMs] = [Math.min(crossedMs, nowMs), Math.max(crossedMs, nowMs)];
    crossedMs = nowMs;
    isTimeless = nextBoundary(store.rules, Number.NEGATIVE_INFINITY) === undefined;
    // Where nothing is ever crossed, nobody has to look through all entries.
    if (isTimeless) return;
    const boundaryMs = nextBoundary(store.rules, nowMs);
    if (boundaryMs !== undefined) cancelBoundary = startTimer(armBoundary, boundaryMs - nowMs);
    const flagsChanged = flagsCrossing(store.entries.values(), fromMs, toMs);
    if (flagsChanged.length > 0) notify({ type: 'changed', flagsChanged });
  }

  function startTimer(run: () => void, delayMs: number): () => void {
    return runtime.startTimer(run, Math.min(Math.max(Math.ceil(delayMs), 0), MAX_TIMER_MS));
  }

  function clocksApartMs(): number {
    return runtime.wallMs() - runtime.nowMs();
  }

  function wallMs(): number {
    return runtime.wallMs() + clockOffsetMs;
  }

  enqueue(() => startReplica(config, runtime.nowMs(), kept, isFresh));
  return {
    store: () => storeOf(state),
    evaluationMs: () => (isTimeless ? 0 : wallMs()),
    staleForMs: () => (staleSinceMs === undefined ? undefined : Math.round(runtime.nowMs() - staleSinceMs)),
    health: () => (state?.phase === 'running' ? state.health.kind : 'stopped'),
    tell: (type) => dispatch({ type }),
    stop: () => {
      stopping = true;
      dispatch({ type: 'stop' });
      cancelBoundary();
    },
  };
}

function storeOf(state: ReplicaState | undefined): Store | null {
  return state?.store ?? null;
}

/** What the clock is set by: the rules in use, once their bodies have all been looked at, which finds their instants. */
function timedBy(state: ReplicaState | undefined): CompiledRuleSet | 'unchecked' | null {
  const store = storeOf(state);
  return store?.unchecked.length ? 'unchecked' : (store?.rules ?? null);
}
