/**
 * Both ends of the protocol joined by a network that loses, repeats, swaps and damages frames, cuts connections
 * and answers requests late, stale or not at all. Time is virtual. Used by the convergence property.
 */

import { connectionStep, openConnection } from '../connection.ts';
import type { ConnectionEffect, ConnectionEvent, ConnectionState } from '../connection-state.ts';
import type { SyncState } from '../messages.ts';
import { parseClientMessage, parseServerMessage } from '../parse.ts';
import { compareStates } from '../position.ts';
import { replicaStep, startReplica } from '../replica.ts';
import type { ReplicaEffect, ReplicaEvent, ReplicaState } from '../replica-state.ts';
import { afterEdit, deltaOf, type Edit, ruleSetOf, stateOf } from './model.ts';

export type Happening =
  | { readonly type: 'edit'; readonly edit: Edit }
  /** A new epoch that begins at an earlier revision, as after a restored backup. */
  | { readonly type: 'restore'; readonly to: number }
  | { readonly type: 'toClient' | 'toServer'; readonly what: 'deliver' | 'lose' | 'repeat' | 'swap' | 'damage' }
  | { readonly type: 'fetch'; readonly answer: 'fresh' | 'stale' | 'fail' }
  | { readonly type: 'open' }
  | { readonly type: 'cut' }
  | { readonly type: 'pass'; readonly ms: number }
  | { readonly type: 'buffer'; readonly bytes: number };

/** Deltas lead from at most this many revisions back. */
const PAST = 4;
const CONFIG = { sdk: 'test/1', app: {}, instance: 'i', initializeTimeoutMs: 3_000 };

export class Simulation {
  history = [ruleSetOf(1)];
  epochs = 1;
  nowMs = 0;
  wakeMs: number | null = null;
  bufferedBytes = 0;
  connecting = false;
  fetching = false;
  connection: ConnectionState | undefined;
  toClient: string[] = [];
  toServer: string[] = [];
  replica: ReplicaState;
  /** A receipt on the present connection was lost: nothing repeats it, so the server learns of the next one only. */
  lostReceipt = false;
  /** Every state that the replica held, in order. */
  readonly held: SyncState[] = [];
  #sincePassMs = 0;

  constructor() {
    const { state, effects } = startReplica(CONFIG, 0);
    this.replica = state;
    for (const effect of effects) this.#performClient(effect);
  }

  get head() {
    return this.history.at(-1) ?? ruleSetOf(0);
  }

  happen(happening: Happening): void {
    switch (happening.type) {
      case 'edit':
        this.history.push(afterEdit(this.head, happening.edit));
        this.#server({ type: 'head', head: stateOf(this.head) });
        return;
      case 'restore': {
        const base = this.history[happening.to % this.history.length] ?? this.head;
        this.epochs++;
        this.history = [{ ...base, epoch: `${this.epochs * 1000}-x` }];
        this.#server({ type: 'head', head: stateOf(this.head) });
        return;
      }
      case 'toClient':
        this.#mangle(this.toClient, happening.what);
        for (const text of this.toClient.splice(0)) this.#client({ type: 'received', message: parseServerMessage(text) });
        return;
      case 'toServer':
        this.#mangle(this.toServer, happening.what);
        for (const text of this.toServer.splice(0)) this.#server({ type: 'received', message: parseClientMessage(text) });
        return;
      case 'fetch':
        this.#answer(happening.answer);
        return;
      case 'open':
        if (!this.connecting) return;
        this.connecting = false;
        this.lostReceipt = false;
        this.connection = openConnection('server', stateOf(this.head), this.nowMs);
        this.#client({ type: 'opened' });
        return;
      case 'cut':
        this.#cut(1006);
        return;
      case 'buffer':
        this.bufferedBytes = happening.bytes;
        if (happening.bytes === 0) this.#server({ type: 'drained' });
        return;
      case 'pass':
        this.#pass(happening.ms);
    }
  }

  /** The network works again: runs until the replica holds the head on a live link, or for ten virtual minutes. */
  settle(): void {
    const endMs = this.nowMs + 10 * 60_000;
    this.happen({ type: 'buffer', bytes: 0 });
    while (this.nowMs < endMs && !this.converged()) {
      this.happen({ type: 'open' });
      this.happen({ type: 'toServer', what: 'deliver' });
      this.happen({ type: 'toClient', what: 'deliver' });
      this.happen({ type: 'fetch', answer: 'fresh' });
      this.happen({ type: 'pass', ms: 250 });
    }
  }

  converged(): boolean {
    const { replica, connection } = this;
    if (replica.phase !== 'running' || replica.store === null || connection === undefined) return false;
    const isHead = (state: SyncState | null) => state !== null && compareStates(state, this.head) === 0;
    const isConfirmed = this.lostReceipt || (connection.phase === 'live' && isHead(connection.applied));
    return isHead(replica.store.state) && isConfirmed && replica.link.kind === 'live' && replica.behind === null;
  }

  #mangle(frames: string[], what: 'deliver' | 'lose' | 'repeat' | 'swap' | 'damage'): void {
    const first = frames[0];
    if (first === undefined) return;
    if (what === 'lose') {
      frames.shift();
      if (frames === this.toServer && first.includes('"type":"applied"')) this.lostReceipt = true;
    }
    if (what === 'repeat') frames.push(first);
    if (what === 'swap') frames.reverse();
    if (what === 'damage') frames[0] = first.slice(0, first.length / 2);
  }

  #pass(ms: number): void {
    const endMs = this.nowMs + ms;
    while (this.nowMs < endMs) {
      const nextMs = Math.min(endMs, this.wakeMs ?? endMs, this.#sincePassMs + 1_000);
      this.nowMs = Math.max(this.nowMs, nextMs);
      if (this.nowMs >= this.#sincePassMs + 1_000) {
        this.#sincePassMs = this.nowMs;
        this.#server({ type: 'pong' });
        this.#server({ type: 'tick' });
      }
      if (this.wakeMs !== null && this.wakeMs <= this.nowMs) {
        this.wakeMs = null;
        this.#client({ type: 'woke' });
      }
    }
  }

  #answer(answer: 'fresh' | 'stale' | 'fail'): void {
    if (!this.fetching) return;
    this.fetching = false;
    const ruleSet = answer === 'stale' ? (this.history[0] ?? this.head) : this.head;
    if (answer === 'fail') {
      this.#client({ type: 'fetched', outcome: { kind: 'failed', status: 500, retryAfterMs: null, problem: 'test' } });
      return;
    }
    const over = JSON.parse(JSON.stringify(ruleSet)) as typeof ruleSet;
    this.#client({ type: 'fetched', outcome: { kind: 'ruleSet', ruleSet: over, state: stateOf(ruleSet) } });
  }

  #cut(code: number): void {
    const wasOpen = this.connection !== undefined || this.connecting;
    this.connection = undefined;
    this.connecting = false;
    this.toClient = [];
    this.toServer = [];
    if (wasOpen) this.#client({ type: 'closed', code, status: null, retryAfterMs: null, problem: 'cut' });
  }

  #client(event: ReplicaEvent): void {
    const { state, effects } = replicaStep(this.replica, event, this.nowMs, 0.5);
    this.replica = state;
    if (state.store !== null && this.held.at(-1) !== state.store.state) this.held.push(state.store.state);
    for (const effect of effects) this.#performClient(effect);
  }

  #performClient(effect: ReplicaEffect): void {
    if (effect.type === 'connect') this.connecting = true;
    if (effect.type === 'send' && this.connection !== undefined) this.toServer.push(JSON.stringify(effect.message));
    if (effect.type === 'fetchRuleSet') this.fetching = true;
    if (effect.type === 'wake') this.wakeMs = effect.atMs;
    if (effect.type === 'disconnect') {
      this.connection = undefined;
      this.connecting = false;
      this.toClient = [];
      this.toServer = [];
    }
  }

  #server(
    event: ConnectionEvent extends infer Event ? (Event extends unknown ? Omit<Event, 'bufferedBytes'> : never) : never,
  ): void {
    if (this.connection === undefined) return;
    const full = { ...event, bufferedBytes: this.bufferedBytes } as ConnectionEvent;
    const { state, effects } = connectionStep(this.connection, full, this.nowMs);
    this.connection = state;
    for (const effect of effects) this.#performServer(effect);
  }

  #performServer(effect: ConnectionEffect): void {
    switch (effect.type) {
      case 'send':
        this.toClient.push(JSON.stringify(effect.message));
        return;
      case 'sendDelta': {
        const from = this.history.slice(-PAST).find((past) => compareStates(past, effect.from) === 0);
        if (from === undefined) this.#server({ type: 'deltaUnavailable', from: effect.from, at: null, spreadMs: 0 });
        else this.toClient.push(JSON.stringify(deltaOf(from, this.head)));
        return;
      }
      case 'sendKills': {
        const { head } = this;
        const kill = Object.entries(head.flags).flatMap(([key, { on, offVariant, revision }]) =>
          !on && revision > effect.after ? [{ key, offVariant, revision }] : [],
        );
        const { epoch, revision, digest } = stateOf(head);
        const frame = { type: 'delta', epoch, from: revision, to: revision, digest, kill, put: [], remove: [] };
        if (kill.length > 0) this.toClient.push(JSON.stringify(frame));
        return;
      }
      case 'close':
      case 'terminate':
        this.#cut(effect.type === 'close' ? effect.code : 1006);
        return;
      default:
        return;
    }
  }
}
