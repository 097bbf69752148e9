/** Vocabulary of the server's end of one socket: its state, what happens to it, what it asks its driver to do. See connection.ts. */
import type { ClientMessage, ServerMessage, SyncState, View } from './messages.ts';
import type { InvalidMessage } from './parse.ts';

/** Above this many buffered bytes nothing more is sent; one coalesced delta follows on drain. */
export const SKIP_BUFFERED_BYTES = 64 * 1024;
/** Above this many buffered bytes the reader is too slow to keep. */
export const MAX_BUFFERED_BYTES = 1024 * 1024;
/** A reader that stays above SKIP_BUFFERED_BYTES this long is closed. */
export const STUCK_MS = 30_000;
/** Larger deltas are not sent through the socket: the driver answers `sendDelta` with `deltaUnavailable`. */
export const MAX_DELTA_BYTES = 64 * 1024;
/** A new epoch concerns every reader at once: they fetch the new rule set over this long. */
export const EPOCH_SPREAD_MS = 2_000;
/** What is known in every phase of an open socket. */
export interface Facts {
  readonly view: View;
  /** The newest state of the view that the driver reported. */
  readonly head: SyncState;
  readonly lastHeardMs: number;
  readonly lastBeatMs: number;
  /** Since when more than SKIP_BUFFERED_BYTES are buffered; null when they are not. */
  readonly blockedSinceMs: number | null;
}

export type ConnectionState =
  /** Nothing but a hello is expected. */
  | (Facts & { readonly phase: 'opening'; readonly openedAtMs: number })
  /** The reader holds `sent` once all frames have arrived; `applied` is what it said it runs. */
  | (Facts & { readonly phase: 'live'; readonly sent: SyncState; readonly applied: SyncState | null })
  /**
   * The reader fetches the rule set, of `epoch` or newer; until it says what it holds it gets kills only, after revision
   * `killsSent`.
   */
  | (Facts & { readonly phase: 'resyncing'; readonly epoch: string; readonly killsSent: number })
  | { readonly phase: 'closed' };

/** Every event says how many bytes the socket still has to write. */
export type ConnectionEvent = { readonly bufferedBytes: number } & (
  | { readonly type: 'received'; readonly message: ClientMessage | null | InvalidMessage }
  | { readonly type: 'pong' }
  /** The view moved. Dispatch it to every connection in the same turn that swaps the view. */
  | { readonly type: 'head'; readonly head: SyncState }
  | { readonly type: 'drained' }
  | { readonly type: 'tick' }
  /**
   * No delta through the socket leads on from there. `at` is the address (`deltaPath`) of one that is too large for it, null
   * where there is none; the reader fetches that, or the rule set, within `spreadMs` (`fetchSpreadMs`).
   */
  | { readonly type: 'deltaUnavailable'; readonly from: SyncState; readonly at: string | null; readonly spreadMs: number }
  | { readonly type: 'revoked' }
  | { readonly type: 'shutdown'; readonly reason: string; readonly retryAfterMs: number; readonly spreadMs: number }
  | { readonly type: 'closed' }
);

export type ConnectionEffect =
  | { readonly type: 'send'; readonly message: ServerMessage }
  /** Send the shared delta frame from that state to the newest; dispatch `deltaUnavailable` if it cannot be sent. */
  | { readonly type: 'sendDelta'; readonly from: SyncState; readonly to: number }
  /**
   * Send a delta without `put` and `remove`, with `from` and `to` both the newest revision, holding the kills of
   * all flags that are off with a body newer than `after`; send nothing when there is no such flag.
   */
  | { readonly type: 'sendKills'; readonly after: number }
  | { readonly type: 'ping' }
  /** The reader said who it is; `receipt` follows when it also said what it holds. */
  | { readonly type: 'identified'; readonly hello: Extract<ClientMessage, { type: 'hello' }> }
  | { readonly type: 'receipt'; readonly applied: SyncState }
  | { readonly type: 'rejection'; readonly rejected: Extract<ClientMessage, { type: 'rejected' }> }
  /** The reader is ahead of this replica: read the head from the database now instead of at the next poll. */
  | { readonly type: 'refreshHead' }
  | { readonly type: 'close'; readonly code: number; readonly reason: string }
  /** The peer is dead: no close handshake. */
  | { readonly type: 'terminate' };

export interface ConnectionStep {
  readonly state: ConnectionState;
  readonly effects: readonly ConnectionEffect[];
}

export type OpenState = Exclude<ConnectionState, { phase: 'closed' }>;
