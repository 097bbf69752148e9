/**
 * Keeps every open notification stream at the end of its project's history. Each stream has a cursor of its
 * own and one read serves all streams of a project from the slowest on, so that a replay and a new change
 * take the same path and nothing falls between them.
 */
import type { ReceiptsEvent, ViewsEvent } from '@yardarm/contract';
import type { FastifyBaseLogger } from 'fastify';
import { coalesced } from '../changes/coalesced.ts';
import type { Database } from '../db/client.ts';
import { inTime } from '../db/in-time.ts';
import { type LoggedNotification, readNotifications } from './notification-log.ts';

/** Below the idle timeouts of common proxies (30 to 60 s), and the longest that a stream outlives its session. */
const HEARTBEAT_MS = 15_000;
const TICK_MS = 1_000;

export interface NotificationStream {
  readonly projectId: string;
  /** Key of the project. */
  readonly project: string;
  /** The last change set that was sent. */
  cursor: bigint;
  readonly send: (logged: LoggedNotification) => void;
  /** What is worth knowing now and is never sent again. */
  readonly tell: (event: ReceiptsEvent | ViewsEvent) => void;
  readonly heartbeat: () => void;
  readonly close: () => void;
}

export interface NotificationHub {
  add(stream: NotificationStream): void;
  remove(stream: NotificationStream): void;
  /**
   * Sends what was committed since. Never rejects: what the database does not say now, a later call sends. Not to be waited for by
   * what delivers, since a reader may ask for the whole history.
   */
  catchUp(): Promise<void>;
  isHeard(project: string): boolean;
  /** `project` null: of every one. */
  tell(project: string | null, event: ReceiptsEvent | ViewsEvent): void;
  close(): void;
}

export interface NotificationHubOptions {
  readonly db: Database;
  readonly log: FastifyBaseLogger;
  /** Never runs backwards. */
  readonly monotonicMs: () => number;
}

export function createNotificationHub({ db, log, monotonicMs }: NotificationHubOptions): NotificationHub {
  /** With the instant of the last heartbeat, or of the opening. */
  const beats = new Map<NotificationStream, number>();
  const timer = setInterval(beat, TICK_MS);
  let failing = false;
  let closed = false;

  function beat(): void {
    const nowMs = monotonicMs();
    for (const [stream, lastMs] of beats) {
      if (nowMs - lastMs < HEARTBEAT_MS) continue;
      beats.set(stream, nowMs);
      stream.heartbeat();
    }
  }

  async function catchUpProject(projectId: string): Promise<void> {
    for (;;) {
      const readers = [...beats.keys()].filter((stream) => stream.projectId === projectId);
      if (readers.length === 0) return;
      const [slowest = 0n] = readers.map((stream) => stream.cursor).sort((a, b) => (a < b ? -1 : 1));
      const page = await inTime(readNotifications(db, projectId, slowest));
      const newest = page.at(-1)?.changeSetId;
      if (newest === undefined) return;
      for (const reader of readers) {
        for (const logged of page) if (logged.changeSetId > reader.cursor) reader.send(logged);
        if (newest > reader.cursor) reader.cursor = newest;
      }
    }
  }

  async function catchUpAll(): Promise<void> {
    try {
      for (const projectId of new Set([...beats.keys()].map((stream) => stream.projectId))) await catchUpProject(projectId);
      failing = false;
    } catch (error) {
      if (!failing && !closed) log.warn({ err: error }, 'notification streams: catching up later');
      failing = true;
    }
  }

  return {
    add: (stream) => {
      if (closed) stream.close();
      else beats.set(stream, monotonicMs());
    },
    remove: (stream) => void beats.delete(stream),
    // Two reads at once would send the same page twice.
    catchUp: coalesced(catchUpAll),
    isHeard: (project) => [...beats.keys()].some((stream) => stream.project === project),
    tell: (project, event) => {
      for (const stream of beats.keys()) if (project === null || stream.project === project) stream.tell(event);
    },
    close: () => {
      closed = true;
      clearInterval(timer);
      for (const stream of beats.keys()) stream.close();
      beats.clear();
    },
  };
}
