/**
 * All sockets of this server: brings each to the newest revision of its environment, closes those whose key
 * was revoked, says goodbye at the end, and enters in the books who confirmed what. Fans out in chunks, so that a change
 * with many readers does not hold up beats and requests.
 */
import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { type ConnectionEffect, parseClientMessage, type SyncState } from '@yardarm/sync';
import type { FastifyBaseLogger } from 'fastify';
import type { WebSocket } from 'ws';
import type { ServedEnvironment } from '../ruleset/cache.ts';
import { acceptConnection, type Connection } from './connection.ts';
import { inSlices, NODE_TURNS, SLICE, type Slice, type Turns } from './in-slices.ts';
import type { Link } from './receipt-book.ts';
import type { ReceiptBooks } from './receipt-books.ts';
import type { SdkKey } from './sdk-keys.ts';

/**
 * What waits to be read or heard, at most, between two looks at everything else: some 30 ms, most of it for what is then read. With a
 * quarter of it the receipts of 5 000 readers took half as long again, since every turn costs something where others want the processor.
 */
const HEARD_PER_TURN = 1_000;
/** Whoever is heard after a newer change is sent it as well, which costs several times as much. */
const HEARD_MS = 12;
/** Heard between two looks at the clock. */
const HEARD_PER_LOOK = 50;
/**
 * A change goes before what readers said to the one before it. Where changes follow each other without a pause, every third waits until
 * all of that is heard: else nobody would be, edits would stand in line behind frames, and whoever is not heard for 37.5 s counts as dead.
 * What is said while it waits is heard after it: else a flood of words would hold it up for as long as it lasts.
 */
const MAX_PASSES_UNHEARD = 2;
const TICK_MS = 1_000;
/** Time for closing handshakes at shutdown; what is open after it is cut. */
const GOODBYE_MS = 2_000;
const GOODBYE_CHECK_MS = 10;
const RETRY_AFTER_MS = 1_000;
/** Reconnects are spread so that about this many arrive in a millisecond. */
const RECONNECTS_PER_MS = 1;

const MAX_NAMED_APPS = 10;

/** What the hub waits for, so that a simulator can wait in its own time. */
export interface HubTimers extends Turns {
  /** Calls again and again; the answer ends it. */
  repeat(run: () => void, intervalMs: number): () => void;
  delay(delayMs: number): Promise<unknown>;
}

export const nodeTimers: HubTimers = {
  repeat: (run, intervalMs) => {
    const timer = setInterval(run, intervalMs);
    return () => clearInterval(timer);
  },
  delay: (delayMs) => delay(delayMs),
  ...NODE_TURNS,
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
  const keyUses = new Map<string, number>();
  const read = createFrameReader();
  /** To read who is held, and to hear what was said meanwhile: mostly that a reader has the change. Waits until the last one has it. */
  const deferred: (() => void)[] = [];
  let sockets = 0;
  let fanOuts = 0;
  /** Through the readers of a room, since nothing waited to be heard. */
  let passes = 0;
  let hearing = false;
  /** Over how long those come back who are sent away, once this server leaves. */
  let spreadMs: number | undefined;
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
      read,
      readers: () => room.members.size,
      whenHeard: (hear) => {
        const safely = () => cutIfBroken(connection, hear);
        if (fanOuts === 0 && !hearing) safely();
        else deferred.push(safely);
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
      onRejected: ({ type: _, ...rejected }) => {
        if (member.link !== null) receipts.reject(key, member.link, rejected);
      },
      onAhead: (held) => onAhead(key, held),
      onClosed: () => {
        room.members.delete(member);
        count(key, -1);
        if (member.link !== null) receipts.leave(key, member.link);
      },
    });
    const member: Member = { connection, link: null };
    room.members.add(member);
    count(key, 1);
    // Back too early, or still on their way: as many as the others, for all that is known.
    if (spreadMs !== undefined) connection.shutDown(RETRY_AFTER_MS, spreadMs);
  }

  function count({ id }: SdkKey, by: 1 | -1): void {
    sockets += by;
    const uses = (keyUses.get(id) ?? 0) + by;
    if (uses > 0) keyUses.set(id, uses);
    else keyUses.delete(id);
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

  function inChunks(members: Iterable<Member>, act: (connection: Connection) => void): Promise<void> {
    return inSlices(members, ({ connection }) => cutIfBroken(connection, () => act(connection)), timers, slice);
  }

  /** With turns for other work in between, before each of which `goesOn` is asked, with how many were heard. */
  async function hear(goesOn: (heard: number) => boolean): Promise<void> {
    let heard = 0;
    while (deferred.length > 0 && goesOn(heard)) {
      const endMs = timers.nowMs() + HEARD_MS;
      const enough = heard + HEARD_PER_TURN;
      while (deferred.length > 0 && heard < enough) {
        const acts = deferred.splice(0, HEARD_PER_LOOK);
        heard += acts.length;
        for (const act of acts) act();
        if (timers.nowMs() >= endMs) break;
      }
      await timers.turn();
    }
  }

  /** A change that comes meanwhile goes first, and its end resumes this. */
  async function hearInPeace(): Promise<void> {
    if (hearing) return;
    hearing = true;
    await hear(() => fanOuts === 0);
    hearing = false;
  }

  async function fanOut(room: Room): Promise<void> {
    room.again = true;
    if (room.fanningOut) return;
    room.fanningOut = true;
    fanOuts++;
    try {
      while (room.again) {
        if (deferred.length === 0) passes = 0;
        const waiting = deferred.length;
        if (passes >= MAX_PASSES_UNHEARD) await hear((heard) => heard < waiting);
        passes++;
        room.again = false;
        // It will take several turns, and what those who are served first answer costs more than to serve them: whoever is served last
        // would wait for it.
        const holds = room.members.size > slice.count;
        await inChunks(room.members, (connection) => {
          connection.advance();
          if (holds && connection.holdReading()) deferred.push(connection.hearOn);
        });
      }
    } finally {
      fanOuts--;
      room.fanningOut = false;
      if (fanOuts === 0) void hearInPeace();
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
      const closed = new Map<string, Member[]>();
      for (const member of membersOf(rooms)) {
        const { id } = member.connection.key;
        if (!keyIds.has(id)) continue;
        const known = closed.get(id);
        if (known === undefined) closed.set(id, [member]);
        else known.push(member);
        member.connection.revoke();
      }
      // A key leaves once: its readers are in no receipt after it, and serve what they hold.
      for (const [sdkKeyId, members] of closed)
        log.warn({ sdkKeyId, sockets: members.length, apps: namesOf(members) }, 'an SDK key ended: its sockets are closed');
    },
    sockets: () => sockets,
    keyIds: () => new Set(keyUses.keys()),
    close: async () => {
      stopTicking();
      const open = membersOf(rooms);
      const overMs = RETRY_AFTER_MS + open.length / RECONNECTS_PER_MS;
      spreadMs = overMs;
      await inChunks(open, (connection) => connection.shutDown(RETRY_AFTER_MS, overMs));
      const deadlineMs = timers.nowMs() + GOODBYE_MS;
      while (sockets > 0 && timers.nowMs() < deadlineMs) await timers.delay(GOODBYE_CHECK_MS);
      for (const { connection } of membersOf(rooms)) connection.terminate();
    },
  };
}

function membersOf(rooms: ReadonlyMap<string, Room>): readonly Member[] {
  return [...rooms.values()].flatMap((room) => [...room.members]);
}

/** Of their apps, as far as they said; ten at most. */
function namesOf(members: readonly Member[]): readonly string[] {
  return [...new Set(members.flatMap(({ link }) => link?.said.app.name ?? []))].slice(0, MAX_NAMED_APPS);
}

/** Thousands of readers confirm one change with the same bytes: they are parsed once. */
function createFrameReader(): (frame: Buffer) => ReturnType<typeof parseClientMessage> {
  let last: { readonly frame: Buffer; readonly message: ReturnType<typeof parseClientMessage> } | undefined;
  return (frame) => {
    if (last?.frame.equals(frame)) return last.message;
    const message = parseClientMessage(frame.toString('utf8'));
    if (message?.type === 'applied') last = { frame, message };
    return message;
  };
}
