/**
 * The messages of subprotocol `yardarm.sync.1`: JSON text frames, one message each. Unknown types and
 * unknown members are ignored, so either end may be newer. See docs/protocol.md.
 */
import type { EntityKind, FlagBody, SegmentBody } from '@yardarm/evaluator';

export const SUBPROTOCOL = 'yardarm.sync.1';
/** Prefix of the websocket subprotocol entry in which a browser passes its client key. */
export const KEY_SUBPROTOCOL_PREFIX = 'yardarm.key.';
/** The rule-set format this library reads and writes. */
export const FORMAT = 1;
/** Time between two beats of the server. */
export const BEAT_MS = 15_000;
/** After this many beats without a frame the other end counts as dead. */
export const LIVENESS_BEATS = 2.5;
/** A socket that has not said hello, or not been welcomed, after this long will not be. */
export const HELLO_TIMEOUT_MS = 10_000;
/** Text that an SDK chose is cut to this many characters before it is kept or shown. */
export const MAX_TEXT = 200;
/** Rejections named in one message; the rest of a broken rule set adds nothing to them. */
export const MAX_REJECTED = 100;

/** Rejections named in a receipt over HTTP, which is at most 16 KiB. */
export const MAX_REJECTED_POLLED = 20;

/** Answers the newest rule set of the key's view. */
export const RULE_SET_PATH = '/sync/v1/ruleset';
/** Takes the websocket. */
export const STREAM_PATH = '/sync/v1/stream';
/** Answers which flags of the key's view are off: a `KillsAnswer`. */
export const KILLS_PATH = '/sync/v1/kills';
/** Below it lie deltas by address, see `deltaPath`. */
export const DELTAS_PATH = '/sync/v1/deltas';
/** Takes the receipts of readers without a stream: a `PolledReceipt`. */
export const APPLIED_PATH = '/sync/v1/applied';

/** Takes counts of evaluations: a `TelemetryReport`. */
export const TELEMETRY_PATH = '/sync/v1/telemetry';
/** Counts in one batch. With names cut to 200 characters a batch of these is below the 1 MiB that a server takes. */
export const MAX_COUNTS = 1_000;
/** Skipped rules that one batch names. */
export const MAX_SKIPPED = 100;

/** Address of the delta between two revisions of one epoch: never answers anything else, so it may be kept for ever. */
export function deltaPath(epoch: string, from: number, to: number): string {
  return `${DELTAS_PATH}/${epoch}/${from}..${to}`;
}

/** Close codes of the websocket; 1001 and 1012 keep their standard meaning. */
export const CLOSE = {
  /** The peer broke the protocol. */
  protocol: 4000,
  /** The SDK key was refused or revoked. */
  key: 4001,
  /** The reader could not keep up. */
  slow: 4008,
  /** No common protocol version or format. */
  version: 4026,
} as const;

export type View = 'server' | 'client';

/** Where a replica of the rule set stands. States order by (epoch, revision). */
export interface SyncState {
  readonly epoch: string;
  readonly revision: number;
  readonly digest: string;
}

export interface AppInfo {
  readonly name?: string | undefined;
  readonly version?: string | undefined;
  readonly commit?: string | undefined;
}

export type ClientMessage =
  | {
      readonly type: 'hello';
      readonly protocol: 1;
      readonly formats: readonly number[];
      /** Name and version, for example `@yardarm/sdk-node/0.1.0`. */
      readonly sdk: string;
      readonly app: AppInfo;
      /** Random identity of this running copy. */
      readonly instance: string;
      readonly have?: SyncState;
    }
  | ({ readonly type: 'applied' } & SyncState)
  /** An SDK may be older than `epoch`. */
  | {
      readonly type: 'rejected';
      readonly epoch?: string;
      readonly revision: number;
      readonly errors: readonly RejectedBody[];
    };

export interface RejectedBody {
  readonly kind: EntityKind;
  readonly key: string;
  readonly code: string;
  readonly path: string;
  readonly keptRevision: number | null;
}

export type PutBody =
  | { readonly kind: 'flag'; readonly key: string; readonly body: FlagBody }
  | { readonly kind: 'segment'; readonly key: string; readonly body: SegmentBody };

export interface RemovedBody {
  readonly kind: EntityKind;
  readonly key: string;
  readonly revision: number;
}

/** Frozen schema: means off, always, whatever else the reader understands. */
export interface Kill {
  readonly key: string;
  readonly offVariant: string | null;
  readonly revision: number;
}

/** Every flag of a view that is off at `revision`; one that is not listed is not. No rule code is needed to read it. */
export interface KillsAnswer {
  readonly epoch: string;
  readonly revision: number;
  readonly off: readonly Kill[];
}

/** What a reader without a stream says once it runs another state. */
export interface PolledReceipt {
  readonly instance: string;
  readonly sdk: string;
  readonly app: AppInfo;
  readonly applied: SyncState;
  readonly rejected?: readonly RejectedBody[];
}

/** What is told apart. Says nothing about the context. */
export interface Evaluation {
  readonly flag: string;
  /** Null where the flag has none for the question. */
  readonly variant: string | null;
  readonly reason: string;
  /** Whether the caller got its code default. */
  readonly defaultServed: boolean;
  /** Says whether two callers pass the same code default, without saying which. */
  readonly defaultHash: string;
}

/** A rule that could not match because the context lacks an attribute: its name, never a value. Seen in one evaluation per flag and batch. */
export interface SkippedRule {
  readonly flag: string;
  readonly rule: string;
  readonly attribute: string;
}

/** Counts of evaluations of one instance, about one a minute. Sending it again counts nothing twice. */
export interface TelemetryBatch {
  readonly instance: string;
  /** From 1 on, without gaps: the server counts each (instance, seq) once. */
  readonly seq: number;
  /** Epoch milliseconds, half-open: [from, to). */
  readonly from: number;
  readonly to: number;
  /** At most `MAX_COUNTS`. */
  readonly counts: readonly (Evaluation & { readonly n: number })[];
  /** Evaluations that no count stands for. */
  readonly lost: number;
  /** At most `MAX_SKIPPED`; left out where there are none. */
  readonly skipped?: readonly SkippedRule[];
}

/** What is posted: a batch as it was made, and who sends it when. */
export interface TelemetryReport extends TelemetryBatch {
  readonly sdk: string;
  readonly app: AppInfo;
  /** Epoch milliseconds of the clock of `from` and `to`: says how old the counts are, whatever that clock shows. */
  readonly sentAt: number;
}

export interface DeltaMessage {
  readonly type: 'delta';
  readonly epoch: string;
  /** The delta leads from every revision in [from, to) to `to`. */
  readonly from: number;
  readonly to: number;
  /** Digest of the whole view at `to`. */
  readonly digest: string;
  readonly kill: readonly Kill[];
  readonly put: readonly PutBody[];
  readonly remove: readonly RemovedBody[];
}

export type ServerMessage =
  | ({
      readonly type: 'welcome';
      readonly format: number;
      readonly view: View;
      readonly beatMs: number;
      /** Epoch milliseconds of the server's clock. */
      readonly now: number;
    } & SyncState)
  | DeltaMessage
  | {
      readonly type: 'resync';
      readonly reason: 'gap' | 'too_old' | 'epoch' | 'digest';
      /** Path below the server's address that answers the newest rule set. */
      readonly url: string;
      readonly spreadMs: number;
    }
  | ({ readonly type: 'beat' } & SyncState)
  | {
      readonly type: 'goodbye';
      readonly reason: string;
      readonly retryAfterMs: number;
      readonly spreadMs: number;
      readonly pollMs?: number;
    };
