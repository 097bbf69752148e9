/**
 * Virtual time: a queue of what is going to happen, one clock that only the queue moves, one source of randomness, and
 * the record of what happened. Two worlds with one seed and one program make the same record.
 */
import { setImmediate } from 'node:timers/promises';
import { type Random, seededRandom } from './random.ts';

/** Kinds of faults that can happen; counted where they take effect, so that none is believed in that never fired. */
export const FAULTS = [
  'frame lost',
  'frame repeated',
  'frame overtaken',
  'frame damaged',
  'connection reset',
  'connection half-open',
  'partition',
  'slow reader',
  'handshake swallowed',
  'handshake refused',
  'proxy without websockets',
  'request lost',
  'request refused',
  'answer damaged',
  'answer late',
  'SDK restarted',
  'page hidden',
  'SDK started from its file',
  'server killed',
  'server stopped',
  'server started without store',
  'server clock jumped',
  'SDK clock jumped',
  'store away',
  'store unreachable for one server',
  'notification lost',
  'older store restored',
  'key revoked',
  'body refused',
] as const;
export type Fault = (typeof FAULTS)[number];

export interface World {
  readonly random: Random;
  /** Milliseconds since the world began. Never runs backwards. */
  nowMs(): number;
  /** Runs once, `delayMs` from now; the answer cancels it. */
  after(delayMs: number, run: () => void): () => void;
  sleep(delayMs: number): Promise<void>;
  /** One line of the record. */
  note(line: string): void;
  happened(fault: Fault): void;
  /** Something that must never be was. The run ends. */
  violate(what: string): void;
  /** Lets things happen until that instant, a violation, or until `isDone` says so. `afterEach` follows every event. */
  run(until: { readonly atMs: number; readonly afterEach: () => void; readonly isDone?: () => boolean }): Promise<void>;
  outcome(): WorldOutcome;
}

export interface WorldOutcome {
  readonly events: number;
  readonly faults: ReadonlyMap<Fault, number>;
  readonly violations: readonly string[];
  /** Hash of every line of the record with its time. */
  readonly hash: string;
  /** The record itself, where it was asked for. */
  readonly trace: readonly string[];
}

interface Planned {
  readonly atMs: number;
  /** Events of one instant happen in the order in which they were planned. */
  readonly order: number;
  run: (() => void) | null;
}

export function createWorld(seed: number, keepTrace: boolean): World {
  const random = seededRandom(seed);
  const queue: Planned[] = [];
  const faults = new Map<Fault, number>();
  const violations: string[] = [];
  const trace: string[] = [];
  let nowMs = 0;
  let order = 0;
  let events = 0;
  let hash = 0x811c9dc5;

  function note(line: string): void {
    const text = `${String(nowMs).padStart(7)} ms  ${line}`;
    for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    if (keepTrace) trace.push(text);
  }

  function after(delayMs: number, run: () => void): () => void {
    const planned: Planned = { atMs: nowMs + Math.max(0, Math.round(delayMs)), order: order++, run };
    insert(queue, planned);
    return () => {
      planned.run = null;
    };
  }

  return {
    random,
    nowMs: () => nowMs,
    after,
    sleep: (delayMs) =>
      new Promise((resolve) => {
        after(delayMs, resolve);
      }),
    note,
    happened: (fault) => {
      faults.set(fault, (faults.get(fault) ?? 0) + 1);
    },
    violate: (what) => {
      violations.push(what);
      note(`VIOLATION: ${what}`);
    },
    run: async ({ atMs, afterEach, isDone }) => {
      while (violations.length === 0 && isDone?.() !== true) {
        const next = takeFirst(queue);
        if (next === undefined || next.atMs > atMs) {
          if (next !== undefined) insert(queue, next);
          nowMs = Math.max(nowMs, atMs);
          return;
        }
        if (next.run === null) continue;
        nowMs = next.atMs;
        events++;
        next.run();
        // Whatever was awaited in the hub, the cache or a client goes on now, and as far as it gets.
        await setImmediate();
        afterEach();
      }
    },
    outcome: () => ({ events, faults, violations, hash: (hash >>> 0).toString(16).padStart(8, '0'), trace }),
  };
}

function isBefore(a: Planned, b: Planned): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** A binary heap, smallest first. */
function insert(heap: Planned[], planned: Planned): void {
  let index = heap.push(planned) - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || isBefore(above, planned)) break;
    heap[index] = above;
    index = parent;
  }
  heap[index] = planned;
}

function takeFirst(heap: Planned[]): Planned | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let index = 0;
  for (;;) {
    const left = 2 * index + 1;
    const [a, b] = [heap[left], heap[left + 1]];
    if (a === undefined) break;
    const [child, below] = b !== undefined && isBefore(b, a) ? [left + 1, b] : [left, a];
    if (!isBefore(below, last)) break;
    heap[index] = below;
    index = child;
  }
  heap[index] = last;
  return first;
}
