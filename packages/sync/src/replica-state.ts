/** Vocabulary of the SDK's end: its state, what happens to it, what it asks its driver to do. See replica.ts. */
import type { RuleSet } from '@yardarm/evaluator';
import type { ResyncLimit } from './backoff.ts';
import type {
  AppInfo,
  ClientMessage,
  DeltaMessage,
  KillsAnswer,
  PolledReceipt,
  RejectedBody,
  ServerMessage,
  SyncState,
} from './messages.ts';
import type { InvalidMessage } from './parse.ts';
import type { Store } from './store.ts';

export interface ReplicaConfig {
  /** Name and version of the library, for example `@yardarm/sdk-node/0.1.0`. */
  readonly sdk: string;
  readonly app: AppInfo;
  /** Random identity of this running copy. */
  readonly instance: string;
  /** After this long without a rule set, `failed` is reported once; attempts go on. */
  readonly initializeTimeoutMs: number;
}

/** The websocket. `attempt` counts connections since the last healthy one, from 0. */
export type Link =
  | { readonly kind: 'connecting'; readonly sinceMs: number; readonly attempt: number }
  /** Open, hello sent, not welcomed. */
  | { readonly kind: 'greeting'; readonly sinceMs: number; readonly attempt: number }
  | {
      readonly kind: 'live';
      readonly sinceMs: number;
      readonly attempt: number;
      readonly beatMs: number;
      readonly lastHeardMs: number;
    }
  /** `refused`: key or version was. */
  | { readonly kind: 'waiting'; readonly untilMs: number; readonly attempt: number; readonly refused: boolean };

/** The HTTP request for the rule set, or for the delta at `path`: the one that is waited for. */
export type Fetching =
  | { readonly kind: 'idle' }
  | { readonly kind: 'scheduled'; readonly atMs: number; readonly path: string }
  /** `again`: something asked for a newer answer than this one may be. */
  | { readonly kind: 'inFlight'; readonly path: string; readonly again: boolean };

/** The HTTP request for kills: one at a time, within a limit of its own. */
export interface Killing {
  readonly due: boolean;
  readonly inFlight: boolean;
  readonly limit: ResyncLimit;
}

export interface Polling {
  /** When to ask over HTTP although nothing told us to; null while the stream does the telling. */
  readonly atMs: number | null;
  /** Time between two polls, before jitter. */
  readonly everyMs: number;
  /** How many more connections in a row may end before a welcome until polling begins; 0: it has begun. */
  readonly patience: number;
  /** A refused stream is tried again once a request is answered: since the last answer a poll was refused, or a healthy stream ended. */
  readonly again: boolean;
}

export interface Receipts {
  /** One waits until `notBeforeMs`. */
  readonly due: boolean;
  readonly notBeforeMs: number;
  /** What was named as unreadable on the present connection. */
  readonly toldRejected: readonly RejectedBody[] | null;
}

/** What the server said is newer than what is held; `unknown` is a new epoch that has no name yet. */
export type Behind = null | 'unknown' | SyncState;

export type Health =
  | { readonly kind: 'starting'; readonly untilMs: number }
  /** Nothing in hand after the time to initialise; also after `stale` for too long. */
  | { readonly kind: 'error' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'stale'; readonly sinceMs: number };

export type ReplicaState =
  | {
      readonly phase: 'running';
      readonly config: ReplicaConfig;
      readonly store: Store | null;
      /** Whether the server has said since the start what is newest; until then `store` is what was kept of an earlier run. */
      readonly hasHeard: boolean;
      readonly link: Link;
      readonly fetching: Fetching;
      readonly behind: Behind;
      /** Until then nothing is asked over HTTP, whatever is due: the server named a time, or, infinite, nobody looks. */
      readonly quietUntilMs: number;
      readonly poll: Polling;
      readonly limit: ResyncLimit;
      readonly killing: Killing;
      readonly health: Health;
      readonly receipts: Receipts;
      /** The last thing that went wrong, for messages to people. */
      readonly problem: string | null;
    }
  | { readonly phase: 'stopped'; readonly store: Store | null };

export type Running = Extract<ReplicaState, { phase: 'running' }>;

/** Answer to a `fetchRuleSet` or `fetchDelta` effect; `state` is what the `Yardarm-State` header named. */
export type FetchOutcome =
  | { readonly kind: 'ruleSet'; readonly ruleSet: RuleSet; readonly state: SyncState | undefined }
  | { readonly kind: 'delta'; readonly message: DeltaMessage | InvalidMessage }
  | { readonly kind: 'notModified'; readonly state: SyncState | undefined }
  | FailedFetch;

export interface FailedFetch {
  readonly kind: 'failed';
  /** Null when no answer came at all, or none that can be used. */
  readonly status: number | null;
  readonly retryAfterMs: number | null;
  readonly problem: string;
}

/** The outcome of a fetch that was not answered, or with what cannot be used. */
export function broken(problem: string): FailedFetch {
  return { kind: 'failed', status: null, retryAfterMs: null, problem };
}

export type ReplicaEvent =
  | { readonly type: 'opened' }
  | { readonly type: 'received'; readonly message: ServerMessage | null | InvalidMessage }
  /** The transport heard from the server below the level of messages (a websocket ping). */
  | { readonly type: 'heard' }
  | {
      readonly type: 'closed';
      /** Close code, or null when the connection never opened. */
      readonly code: number | null;
      /** HTTP status of a refused upgrade, where the transport can see it. */
      readonly status: number | null;
      readonly retryAfterMs: number | null;
      readonly problem: string;
    }
  /** `isLate`: another `fetchRuleSet` or `fetchDelta` has taken the place of the one that this answers. */
  | { readonly type: 'fetched'; readonly outcome: FetchOutcome; readonly isLate?: boolean }
  /** Null: no answer, or none that can be read. */
  | { readonly type: 'killsFetched'; readonly answer: KillsAnswer | null }
  /** The instant of the last `wake` effect has come. Early or superfluous ones do no harm. */
  | { readonly type: 'woke' }
  /** Nobody looks: the connection ends, and nothing is asked until `resumed`. */
  | { readonly type: 'suspended' }
  /** Somebody looks again, or the network is another one: what is open may be dead, and waiting makes no sense any more. */
  | { readonly type: 'resumed' }
  | { readonly type: 'stop' };

export type ReplicaEffect =
  | { readonly type: 'connect' }
  | { readonly type: 'send'; readonly message: ClientMessage }
  /** Close the current socket and forget it: nothing of it may be reported any more. */
  | { readonly type: 'disconnect' }
  | { readonly type: 'fetchRuleSet'; readonly have: SyncState | null }
  /** `path` is a `deltaPath`. */
  | { readonly type: 'fetchDelta'; readonly path: string }
  | { readonly type: 'fetchKills' }
  /** Over HTTP, for want of a stream. Nobody waits for it, and nothing repeats it. */
  | { readonly type: 'sendReceipt'; readonly receipt: PolledReceipt }
  /** Dispatch `woke` at that instant or before it, whatever was asked for by earlier steps; null: not at all. */
  | { readonly type: 'wake'; readonly atMs: number | null }
  | { readonly type: 'clock'; readonly serverNowMs: number }
  /** The store was swapped; these flags can answer differently now. Not reported for the first rule set. */
  | { readonly type: 'changed'; readonly flagsChanged: readonly string[] }
  | { readonly type: 'ready' }
  | { readonly type: 'stale'; readonly problem: string }
  | { readonly type: 'failed'; readonly problem: string };

export interface ReplicaStep {
  readonly state: ReplicaState;
  readonly effects: readonly ReplicaEffect[];
}
