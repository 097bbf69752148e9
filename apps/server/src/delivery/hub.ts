/**
 * All sockets of this server: brings each to the newest revision of its environment, closes those whose key
 * was revoked, says goodbye at the end, and enters in the books who confirmed what. Fans out in chunks, so that a change
 * with many readers does not hold up beats and requests.
 */
import type { Writable } from 'node:stream';
import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import type { ConnectionEffect, SyncState } from '@yardarm/sync';
import type { FastifyBaseLogger } from 'fastify';
import type { WebSocket } from 'ws';
import type { ServedEnvironment } from '../ruleset/cache.ts';
import { acceptConnection, type Connection } from './connection.ts';
import type { Link } from './receipt-book.ts';
import type { ReceiptBooks } from './receipt-books.ts';
import type { SdkKey } from './sdk-keys.ts';

/** When a fan-out lets other work have its turn. */
export interface Slice {
  /** Sockets served between two looks at the clock. */
  readonly sockets: number;
  readonly ms: number;
}

/**
 * A few milliseconds of sending between two looks. Not a turn after each: the receipts of those who were served first cost as much as
 * the sending, and whoever is served last would wait for them. Half of the 100 ms by which a beat may be late.
 */
const SLICE: Slice = { sockets: 500, ms: 50 };
const TICK_MS = 1_000;
/** Time for closing handshakes at shutdown; what is open after it is cut. */
const GOODBYE_MS = 2_000;
const GOODBYE_CHECK_MS = 10;
const RETRY_AFTER_MS = 1_000;
/** Reconnects are spread so that about this many arrive in a millisecond. */
const RECONNECTS_PER_MS = 1;

/** What the hub waits for, so that a simulator can wait in its own time. */
export interface HubTimers {
  /** Calls again and again; the answer ends it. */
  repeat(run: () => void, intervalMs: number): () => void;
  delay(delayMs: number): Promise<unknown>;
  /** Resolves after other work had its turn. */
  turn(): Promise<unknown>;
  /** A clock that never runs backwards, whoever sets that of the machine. */
  nowMs(): number;
}

export const nodeTimers: HubTimers = {
  repeat: (run, intervalMs) => {
    const timer = setInterval(run, intervalMs);
    return () => clearInterval(timer);
  },
  delay: (delayMs) => delay(delayMs),
  turn: () => setImmediate(),
  nowMs: () => performance.now(),
};

export interface HubOptions {
  readonly environment: (environmentId: string) => ServedEnvironment | undefined;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly receipts: ReceiptBooks;
  /** What a socket's state machine decides is counted. */
  readonly onEffect: (effect: ConnectionEffect) => void;
  /** A reader is ahead of this server: look at the database now. */
  readonly onAhead: (key: SdkKey, held: SyncState) => void;
  readonly timers: HubTimers;
  /** Left out: SLICE. */
  readonly slice?: Slice;
  readonly log: FastifyBaseLogger;
}

export interface Hub {
  /** Takes over an accepted socket and the stream below it, where there is one. Its environment must be known. */
  accept(socket: WebSocket, key: SdkKey, wire?: Writable): void;
  /** Call it in the turn in which the environment's served state was swapped. */
  advance(environmentId: string): void;
  revoke(keyIds: ReadonlySet<string>): void;
  /** How many are open. */
  sockets(): number;
  /** Keys with open sockets. */
  keyIds(): ReadonlySet<string>;
  /** Resolves when every socket is closed. */
  close(): Promise<void>;
}

interface Member {
  readonly connection: Connection;
  /** In the book of receipts; null before hello. */
  link: Link | null;
}

interface Room {
  /** In order of connecting. */
  readonly members: Set<Member>;
  /** A fan-out is under way; `again`: the state moved since it began. */
  fanningOut: boolean;
  again: boolean;
}

export function createHub(options: HubOptions): Hub {
  const { environment, now, receipts, onEffect, onAhead, timers, slice = SLICE, log } = options;
  const rooms = new Map<string, Room>();
  /** What readers said while a change goes out: mostly that they have it. It is heard when the last of them has it too. */
  const heard: (() => void)[] = [];
  let fanOuts = 0;
  let hearing = false;
  let closing = false;
  let ticking = false;
  const stopTicking = timers.repeat(() => void tick(), TICK_MS);

  function roomOf(environmentId: string): Room {
    const known = rooms.get(environmentId);
    if (known !== undefined) return known;
    const room: Room = { members: new Set(), fanningOut: false, again: false };
    rooms.set(environmentId, room);
    return room;
  }

  function accept(socket: WebSocket, key: SdkKey, wire?: Writable): void {
    const room = roomOf(key.environmentId);
    const view = () => {
      const served = environment(key.environmentId);
      if (served === undefined) throw new Error(`Environment ${key.environmentId} is not loaded.`);
      return served.views[key.kind];
    };
    const connection = acceptConnection({
      socket,
      wire,
      key,
      view,
      readers: () => room.members.size,
      whenHeard: (hear) => {
        const safely = () => cutIfBroken(connection, hear);
        if (fanOuts === 0 && !hearing) safely();
        else heard.push(safely);
      },
      now,
      monotonicMs: timers.nowMs,
      onEffect,
      onHello: (hello) => {
        member.link = receipts.join(key, hello, connection.heardAtMs);
      },
      onReceipt: (applied) => {
        if (member.link !== null) receipts.apply(key, member.link, applied);
      },
      onRejected: ({ revision, errors }) => {
        if (member.link !== null) receipts.reject(key, member.link, revision, errors);
      },
      onAhead: (held) => onAhead(key, held),
      onClosed: () => {
        room.members.delete(member);
        if (member.link !== null) receipts.leave(key, member.link);
      },
    });
    const member: Member = { connection, link: null };
    room.members.add(member);
    if (closing) connection.shutDown(RETRY_AFTER_MS, 0);
  }

  /** One broken connection is cut and costs the others nothing. */
  function cutIfBroken(connection: Connection, act: () => void): void {
    try {
      act();
    } catch (error) {
      log.error({ err: error, sdkKeyId: connection.key.id }, 'socket cut: its connection failed');
      connection.terminate();
    }
  }

  async function inChunks(members: Iterable<Member>, act: (connection: Connection) => void): Promise<void> {
    let count = 0;
    let beganMs = timers.nowMs();
    for (const { connection } of members) {
      if (count > 0 && count % slice.sockets === 0 && timers.nowMs() - beganMs >= slice.ms) {
        await timers.turn();
        beganMs = timers.nowMs();
      }
      count++;
      cutIfBroken(connection, () => act(connection));
    }
  }

  /** With turns for other work in between. A change that comes meanwhile goes first, and its end resumes this. */
  async function hearAll(): Promise<void> {
    if (hearing) return;
    hearing = true;
    while (fanOuts === 0 && heard.length > 0) {
      for (const hear of heard.splice(0, slice.sockets)) hear();
      await timers.turn();
    }
    hearing = false;
  }

  async function fanOut(room: Room): Promise<void> {
    room.again = true;
    if (room.fanningOut) return;
    room.fanningOut = true;
    fanOuts++;
    try {
      while (room.again) {
        room.again = false;
        await inChunks(room.members, (connection) => connection.advance());
      }
    } finally {
      fanOuts--;
      room.fanningOut = false;
      if (fanOuts === 0) void hearAll();
    }
  }

  async function tick(): Promise<void> {
    if (ticking) return;
    ticking = true;
    for (const room of rooms.values()) await inChunks(room.members, (connection) => connection.tick());
    ticking = false;
  }

  return {
    accept,
    advance: (environmentId) => {
      const room = rooms.get(environmentId);
      if (room !== undefined) void fanOut(room);
    },
    revoke: (keyIds) => {
      if (keyIds.size === 0) return;
      for (const { connection } of membersOf(rooms)) if (keyIds.has(connection.key.id)) connection.revoke();
    },
    sockets: () => membersOf(rooms).length,
    keyIds: () => new Set(membersOf(rooms).map(({ connection }) => connection.key.id)),
    close: async () => {
      closing = true;
      stopTicking();
      const open = membersOf(rooms);
      const spreadMs = RETRY_AFTER_MS + open.length / RECONNECTS_PER_MS;
      await inChunks(open, (connection) => connection.shutDown(RETRY_AFTER_MS, spreadMs));
      const deadlineMs = timers.nowMs() + GOODBYE_MS;
      while (membersOf(rooms).length > 0 && timers.nowMs() < deadlineMs) await timers.delay(GOODBYE_CHECK_MS);
      for (const { connection } of membersOf(rooms)) connection.terminate();
    },
  };
}

function membersOf(rooms: ReadonlyMap<string, Room>): readonly Member[] {
  return [...rooms.values()].flatMap((room) => [...room.members]);
}
