/**
 * Performs one socket's state machine (packages/sync): turns what happens to the socket into events and the
 * machine's effects into frames. Decides nothing itself. Every listener is attached before this returns.
 */
import type { Writable } from 'node:stream';
import {
  CLOSE,
  type ClientMessage,
  type ConnectionEffect,
  type ConnectionEvent,
  connectionStep,
  fetchSpreadMs,
  openConnection,
  type parseClientMessage,
  SKIP_BUFFERED_BYTES,
  type SyncState,
  withSum,
} from '@yardarm/sync';
import { WebSocket } from 'ws';
import type { ServedView } from '../ruleset/served-view.ts';
import type { SharedFrame } from '../ruleset/shared-frame.ts';
import { readOn, stopReading } from './hold-reading.ts';
import type { SdkKey } from './sdk-keys.ts';

export type Hello = Extract<ClientMessage, { type: 'hello' }>;
export type Rejected = Extract<ClientMessage, { type: 'rejected' }>;
/** Between two ticks, beyond one for each frame that the reader was sent. */
const MAX_FRAMES = 100;
/** A reader that was held up answers what it was sent meanwhile at once, and may. */
const MAX_OWED_FRAMES = 1_000;
/**
 * Time for the closing handshake, in ticks. A reader that was too slow never gets to the close frame, and the websocket library would
 * count it as connected for 30 s more.
 */
const CLOSING_TICKS = 5;
const ANSWERED: ReadonlySet<ConnectionEffect['type']> = new Set(['send', 'sendDelta', 'sendKills', 'ping']);
/** Of a frame that holds no text. */
const NOTHING = Buffer.alloc(0);
const FLOOD = { type: 'invalid', problem: 'too many messages', closeCode: CLOSE.protocol } as const;

/** An event without what the driver adds to each. */
type Happening = ConnectionEvent extends infer E ? (E extends unknown ? Omit<E, 'bufferedBytes'> : never) : never;

export interface ConnectionOptions {
  readonly socket: WebSocket;
  /** The stream below the socket, which takes frames that are ready for it. Undefined: everything goes through the socket. */
  readonly wire?: Writable | undefined;
  readonly key: SdkKey;
  /** The newest state of the connection's view. */
  readonly view: () => ServedView;
  /** Calls at once, or as soon as more urgent work is done; in the order of the calls. */
  readonly whenHeard: (hear: () => void) => void;
  /** What a frame says. */
  readonly read: (data: Buffer) => ReturnType<typeof parseClientMessage>;
  /** How many read the same rule set. */
  readonly readers: () => number;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** A clock that never runs backwards. */
  readonly monotonicMs: () => number;
  /** Called before each effect is performed: it must not throw, and costs every frame. */
  readonly onEffect: (effect: ConnectionEffect) => void;
  readonly onHello: (hello: Hello) => void;
  readonly onReceipt: (applied: SyncState) => void;
  readonly onRejected: (rejected: Rejected) => void;
  /** The reader holds a newer state than this server: look at the database now. */
  readonly onAhead: (held: SyncState) => void;
  /** Called once. */
  readonly onClosed: () => void;
}

export interface Connection {
  readonly key: SdkKey;
  /** When the reader was last heard, epoch milliseconds. */
  heardAtMs(): number;
  /** Sends what separates the reader from the newest state. */
  advance(): void;
  /** Reads nothing more of this reader until `hearOn`. False: reading goes on, or was stopped before. */
  holdReading(): boolean;
  hearOn(): void;
  tick(): void;
  revoke(): void;
  /** Goodbye, then a closing handshake. */
  shutDown(retryAfterMs: number, spreadMs: number): void;
  terminate(): void;
}

export function acceptConnection(options: ConnectionOptions): Connection {
  const { socket, view, now, monotonicMs } = options;
  let said: SyncState | null = null;
  /** Heard since the last tick; negative: answers that the reader still owes. */
  let frames = 0;
  let ticksClosing = 0;
  let state = openConnection(view().name, view().state, monotonicMs());

  function dispatch(happening: Happening): void {
    // Between a swap of the view and this socket's turn in the fan-out, anything may arrive first.
    if (happening.type !== 'head' && state.phase !== 'closed' && state.head !== view().state)
      step({ type: 'head', head: view().state });
    step(happening);
  }

  function step(happening: Happening): void {
    const event = { ...happening, bufferedBytes: socket.bufferedAmount } as ConnectionEvent;
    const next = connectionStep(state, event, monotonicMs(), now());
    state = next.state;
    for (const effect of next.effects) perform(effect);
  }

  function perform(effect: ConnectionEffect): void {
    options.onEffect(effect);
    if (ANSWERED.has(effect.type)) frames = Math.max(frames - 1, -MAX_OWED_FRAMES);
    switch (effect.type) {
      case 'send':
        send(withSum(JSON.stringify(effect.message)));
        break;
      case 'sendDelta': {
        const delta = view().delta(effect.from);
        if (delta !== null && 'frame' in delta) sendShared(delta.frame);
        else step({ type: 'deltaUnavailable', from: effect.from, ...wayAround(delta) });
        break;
      }
      case 'sendKills': {
        const frame = view().kills(effect.after);
        if (frame !== null) send(frame);
        break;
      }
      case 'ping':
        if (socket.readyState === WebSocket.OPEN) socket.ping();
        break;
      case 'identified':
        options.onHello(effect.hello);
        break;
      case 'receipt':
        said = effect.applied;
        options.onReceipt(effect.applied);
        break;
      case 'rejection':
        options.onRejected(effect.rejected);
        break;
      case 'refreshHead':
        // The receipt came before it.
        if (said !== null) options.onAhead(said);
        break;
      case 'close':
        socket.close(effect.code, effect.reason);
        break;
      case 'terminate':
        socket.terminate();
        break;
    }
  }

  function send(frame: string | Buffer): void {
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send(frame, { binary: false }, onWritten);
  }

  /** As `send`, without framing the same bytes again for each of thousands. The socket queues nothing, so that order is kept. */
  function sendShared(frame: SharedFrame): void {
    if (options.wire === undefined) send(frame.payload);
    else if (socket.readyState === WebSocket.OPEN) options.wire.write(frame.framed, onWritten);
  }

  /** Where a reader goes for what does not fit through its socket. */
  function wayAround(delta: { readonly path: string; readonly bytes: number } | null) {
    if (delta === null) return { at: null, spreadMs: 0 };
    return { at: delta.path, spreadMs: fetchSpreadMs(delta.bytes, options.readers()) };
  }

  function onWritten(): void {
    if (state.phase === 'closed' || state.blockedSinceMs === null || socket.bufferedAmount > SKIP_BUFFERED_BYTES) return;
    dispatch({ type: 'drained' });
  }

  /** False: what came is not to be heard. Its sender is read no further, since each frame costs the others time. */
  function isWithinRate(): boolean {
    frames++;
    if (state.phase !== 'closed' && frames <= MAX_FRAMES) return true;
    step({ type: 'received', message: FLOOD });
    if (frames > MAX_FRAMES) socket.pause();
    return false;
  }

  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (!isWithinRate()) return;
    options.whenHeard(() => {
      dispatch({ type: 'received', message: options.read(isBinary ? NOTHING : data) });
    });
  });
  socket.on('ping', isWithinRate);
  socket.on('pong', () => {
    if (isWithinRate()) dispatch({ type: 'pong' });
  });
  // What went wrong is of no use to anybody: `close` follows every error.
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    step({ type: 'closed' });
    options.onClosed();
  });

  return {
    key: options.key,
    heardAtMs: () => (state.phase === 'closed' ? now() : now() - (monotonicMs() - state.lastHeardMs)),
    advance: () => step({ type: 'head', head: view().state }),
    holdReading: () => options.wire !== undefined && stopReading(options.wire),
    hearOn: () => options.wire !== undefined && readOn(options.wire),
    tick: () => {
      frames = Math.min(frames, 0);
      if (state.phase === 'closed' && ++ticksClosing > CLOSING_TICKS) socket.terminate();
      else {
        // A ping and a beat are one write: ten thousand readers have both every 15 s.
        options.wire?.cork();
        dispatch({ type: 'tick' });
        options.wire?.uncork();
      }
    },
    revoke: () => step({ type: 'revoked' }),
    shutDown: (retryAfterMs, spreadMs) => step({ type: 'shutdown', reason: 'shutdown', retryAfterMs, spreadMs }),
    terminate: () => socket.terminate(),
  };
}
