/**
 * Connections that wait for their end: each for a while at least, and no more than so many ended in a second, in the order in which they
 * came. One that closes by itself gives its turn to the next.
 */
import type { Socket } from 'node:net';

export interface RefusalQueueOptions {
  /** Connections at the same time. */
  readonly room: number;
  readonly perSecond: number;
}

export interface RefusalQueue {
  /**
   * `end` is called once, not before `holdMs`, and never when the connection closed or left before. Answers how it leaves; null: there is no
   * room.
   */
  add(socket: Socket, holdMs: number, end: () => void): (() => void) | null;
}

interface Waiting {
  /** By `performance.now()`. */
  readonly dueMs: number;
  readonly end: () => void;
}

/** Where the event loop was late, turns of so long are made up for, and not all at once. */
const MAX_LATE_MS = 100;

export function createRefusalQueue({ room, perSecond }: RefusalQueueOptions): RefusalQueue {
  const gapMs = 1_000 / perSecond;
  /** In the order in which they came. */
  const waiting = new Set<Waiting>();
  let timer: NodeJS.Timeout | undefined;
  let lastTurnMs = Number.NEGATIVE_INFINITY;

  function wait(): void {
    clearTimeout(timer);
    const [first] = waiting;
    if (first === undefined) return;
    const turnMs = Math.max(first.dueMs, lastTurnMs + gapMs);
    timer = setTimeout(() => {
      lastTurnMs = Math.max(turnMs, performance.now() - MAX_LATE_MS);
      waiting.delete(first);
      first.end();
      wait();
    }, turnMs - performance.now()).unref();
  }

  return {
    add: (socket, holdMs, end) => {
      if (waiting.size >= room) return null;
      const one = { dueMs: performance.now() + holdMs, end };
      waiting.add(one);
      if (waiting.size === 1) wait();
      const leave = () => {
        const [first] = waiting;
        if (waiting.delete(one) && first === one) wait();
      };
      socket.once('close', leave);
      return leave;
    },
  };
}
