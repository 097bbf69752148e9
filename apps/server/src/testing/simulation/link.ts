/**
 * One simulated websocket: an SDK's end, a server's end that passes for a socket of `ws`, and a pipe each way. Either end
 * can vanish, and either direction can fall silent without the ends being told.
 */
import { EventEmitter } from 'node:events';
import { parseServerMessage, type Socket, type SocketHandlers } from '@yardarm/sync';
import { WebSocket } from 'ws';
import { createPipe, type FrameFaults, type Item, type Pipe } from './pipe.ts';
import { hear, type Words } from './words.ts';
import type { World } from './world.ts';

/** A closing handshake that is not answered by then is given up, as `ws` does. */
const CLOSE_TIMEOUT_MS = 30_000;

export interface LinkOptions {
  readonly world: World;
  readonly name: string;
  readonly latencyMs: number;
  readonly faults: () => FrameFaults;
  readonly handlers: SocketHandlers;
  /** What the server believes of its buffer, given what is there. */
  readonly bufferedBytes: (bytes: number) => number;
}

export interface Link {
  readonly name: string;
  readonly client: Socket;
  /** The server's end, once it was accepted. */
  readonly server: WebSocket;
  /** Both ends believe in it, and what they send arrives. */
  isSound(): boolean;
  /** The server's welcome arrived. */
  isWelcomed(): boolean;
  /** Nothing has ever happened to it: neither end has a reason to give it up. */
  isUntouched(): boolean;
  /** What the server heard from the SDK; null before its hello. */
  words(): Words | null;
  /** Whether the server heard something else than the SDK said. */
  isMisheard(): boolean;
  /** When the SDK's end was over; null while it is not. */
  clientEndedAtMs(): number | null;
  /** Neither end will hear of it again. */
  isOver(): boolean;
  /** The server's answer to the handshake arrives before anything else. */
  accept(): void;
  /** The attempt fails. `status` where something answered. */
  refuse(end: { readonly status: number | null; readonly retryAfterMs: number | null; readonly problem: string }): void;
  /** Both ends are told at once. */
  reset(): void;
  /** Nothing passes any more, and nobody is told. */
  silence(direction: 'both' | 'toClient' | 'toServer'): void;
  resume(): void;
  /** The reader takes only so much. */
  slowDown(bytesPerMs: number): void;
  isSlow(): boolean;
  serverGone(): void;
  clientGone(): void;
  /** Bytes that wait on either side. */
  waiting(): { readonly toClient: number; readonly toServer: number };
}

export function createLink({ world, name, latencyMs, faults, handlers, bufferedBytes }: LinkOptions): Link {
  let clientOpen = true;
  let clientEndedAtMs: number | null = null;
  let words: Words | null = null;
  let accepted = false;
  let silent = false;
  let slow = false;
  let doomed = false;
  let untouched = true;
  let welcomed = false;
  const toClient: Pipe = createPipe({ world, latencyMs, faults, deliver: arriveAtClient });
  const toServer: Pipe = createPipe({ world, latencyMs, faults, deliver: arriveAtServer });
  const server = new ServerSocket(world, toClient, bufferedBytes, () => {
    if (untouched) world.violate(`${name}: the server gave up a sound connection`);
  });

  function arriveAtClient(item: Item): void {
    if (!clientOpen) return;
    switch (item.kind) {
      case 'opened':
        handlers.opened();
        return;
      case 'text':
        // As its reader finds it: one that was damaged is none.
        welcomed ||= parseServerMessage(item.text)?.type === 'welcome';
        handlers.received(item.text);
        return;
      case 'ping':
        handlers.heard();
        toServer.send({ kind: 'pong' });
        return;
      case 'close':
        toServer.send(item);
        endClient({ code: item.code, status: null, retryAfterMs: null, problem: item.reason });
        return;
      case 'reset':
        endClient({ code: 1006, status: null, retryAfterMs: null, problem: 'the connection was reset' });
    }
  }

  function arriveAtServer(item: Item): void {
    if (!accepted || server.readyState === WebSocket.CLOSED) return;
    if (item.kind === 'text') {
      if (server.readyState === WebSocket.OPEN) words = hear(words, item.text, world.nowMs());
      server.emit('message', Buffer.from(item.text), false);
    } else if (item.kind === 'pong') server.emit('pong');
    else server.end();
  }

  function endClient(end: Parameters<SocketHandlers['closed']>[0]): void {
    if (!clientOpen) return;
    closeClient();
    handlers.closed(end);
  }

  function closeClient(): void {
    clientOpen = false;
    clientEndedAtMs ??= world.nowMs();
  }

  return {
    name,
    client: {
      send: (text) => {
        if (clientOpen) toServer.send({ kind: 'text', text });
      },
      close: () => {
        if (!clientOpen) return;
        closeClient();
        toServer.send({ kind: 'close', code: 1000, reason: '' });
      },
    },
    // The few members of a socket that a connection uses; hub.test.ts stands in for it in the same way.
    server: server as unknown as WebSocket,
    isSound: () => accepted && clientOpen && !silent && !doomed && server.readyState === WebSocket.OPEN,
    isWelcomed: () => welcomed,
    isUntouched: () => untouched,
    words: () => words,
    isMisheard: () => toServer.isHarmed(),
    clientEndedAtMs: () => clientEndedAtMs,
    isOver: () => !clientOpen && (!accepted || server.readyState === WebSocket.CLOSED),
    accept: () => {
      accepted = true;
      toClient.send({ kind: 'opened' });
    },
    refuse: (end) => world.after(latencyMs, () => endClient({ code: null, ...end })),
    reset: () => {
      doomed = true;
      untouched = false;
      toClient.clear();
      world.after(latencyMs, () => arriveAtClient({ kind: 'reset' }));
      world.after(latencyMs, () => arriveAtServer({ kind: 'reset' }));
    },
    silence: (direction) => {
      silent = true;
      untouched = false;
      if (direction !== 'toServer') toClient.setRate(0);
      if (direction !== 'toClient') toServer.setRate(0);
    },
    resume: () => {
      silent = false;
      toClient.setRate(Number.POSITIVE_INFINITY);
      toServer.setRate(Number.POSITIVE_INFINITY);
    },
    isSlow: () => slow,
    slowDown: (bytesPerMs) => {
      untouched = false;
      slow = true;
      toClient.setRate(bytesPerMs);
    },
    serverGone: () => {
      server.vanish();
      toClient.clear();
      toClient.send({ kind: 'reset' });
    },
    clientGone: () => {
      untouched = false;
      closeClient();
      toServer.clear();
      toServer.send({ kind: 'reset' });
    },
    waiting: () => ({ toClient: toClient.bufferedBytes(), toServer: toServer.bufferedBytes() }),
  };
}

/** What `acceptConnection` uses of a `WebSocket`. */
class ServerSocket extends EventEmitter {
  readyState: number = WebSocket.OPEN;
  readonly #world: World;
  readonly #out: Pipe;
  readonly #bufferedBytes: (bytes: number) => number;
  readonly #onTerminated: () => void;

  constructor(world: World, out: Pipe, bufferedBytes: (bytes: number) => number, onTerminated: () => void) {
    super();
    this.#world = world;
    this.#out = out;
    this.#bufferedBytes = bufferedBytes;
    this.#onTerminated = onTerminated;
  }

  get bufferedAmount(): number {
    return this.#bufferedBytes(this.#out.bufferedBytes());
  }

  send(frame: string | Buffer, _options: unknown, onWritten: () => void): void {
    this.#out.send({ kind: 'text', text: frame.toString() }, () => {
      if (this.readyState !== WebSocket.CLOSED) onWritten();
    });
  }

  ping(): void {
    this.#out.send({ kind: 'ping' });
  }

  close(code: number, reason = ''): void {
    if (this.readyState !== WebSocket.OPEN) return;
    this.readyState = WebSocket.CLOSING;
    this.#out.send({ kind: 'close', code, reason });
    this.#world.after(CLOSE_TIMEOUT_MS, () => this.end());
  }

  terminate(): void {
    if (this.readyState === WebSocket.CLOSED) return;
    if (this.readyState === WebSocket.OPEN) this.#onTerminated();
    this.#out.clear();
    this.#out.send({ kind: 'reset' });
    this.#world.after(0, () => this.end());
  }

  /** The connection is over, and the server hears of it. */
  end(): void {
    if (this.readyState === WebSocket.CLOSED) return;
    this.readyState = WebSocket.CLOSED;
    this.emit('close');
  }

  /** The process is no more. */
  vanish(): void {
    this.readyState = WebSocket.CLOSED;
    this.removeAllListeners();
  }
}
