/** What arrived at a server's end of one connection: an account of its receipts that owes nothing to the server's. */
import { type ClientMessage, compareStates, type SyncState } from '@yardarm/sync';

/** Times are the world's. */
export interface Words {
  readonly instance: string;
  readonly helloAtMs: number;
  /** What it said last that it runs. */
  readonly held: SyncState | null;
  /** Arrival of the first word that named `held`. */
  readonly heldAtMs: number;
  /** The state of which it said last that it cannot read a body; null once it said that it runs another one. */
  readonly refused: Pick<SyncState, 'epoch' | 'revision'> | null;
  readonly lastAtMs: number;
}

/** Null before a hello. */
export function hear(before: Words | null, text: string, nowMs: number): Words | null {
  const message = parse(text);
  switch (message?.type) {
    case 'hello': {
      // A second one ends the connection.
      if (before !== null) return before;
      const { instance, have } = message;
      return { instance, helloAtMs: nowMs, held: have ?? null, heldAtMs: nowMs, refused: null, lastAtMs: nowMs };
    }
    case 'applied':
      return before && { ...hold(before, message, nowMs), lastAtMs: nowMs };
    case 'rejected': {
      const refused = { epoch: message.epoch ?? '', revision: message.revision };
      // Of a later state than it ran: it has moved on to that.
      const held = before?.held != null && compareStates(refused, before.held) > 0 ? null : (before?.held ?? null);
      return before && { ...before, refused, held, lastAtMs: nowMs };
    }
    default:
      return before;
  }
}

/** What the server ought to say of it. */
export function standingOf({ held, refused }: Words, head: SyncState): 'applied' | 'rejected' | 'pending' {
  if (refused !== null && isAt(refused, head)) return 'rejected';
  return held !== null && isAt(held, head) && held.digest === head.digest ? 'applied' : 'pending';
}

export function isAt(a: Pick<SyncState, 'epoch' | 'revision'>, b: Pick<SyncState, 'epoch' | 'revision'>): boolean {
  return a.epoch === b.epoch && a.revision === b.revision;
}

function hold(before: Words, { epoch, revision, digest }: SyncState, nowMs: number): Words {
  const held = { epoch, revision, digest };
  const isSame = before.held !== null && isAt(before.held, held) && before.held.digest === digest;
  const refused = before.refused !== null && isAt(before.refused, held) ? before.refused : null;
  return { ...before, held, heldAtMs: isSame ? before.heldAtMs : nowMs, refused };
}

function parse(text: string): ClientMessage | null {
  try {
    return JSON.parse(text) as ClientMessage;
  } catch {
    return null;
  }
}
