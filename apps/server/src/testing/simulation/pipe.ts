/**
 * One direction of a connection: what is sent waits until it is written, and travels until it arrives. In order, unless
 * the world's faults say otherwise.
 */
import type { Random } from './random.ts';
import type { World } from './world.ts';

export type Item =
  | { readonly kind: 'opened' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'ping' }
  | { readonly kind: 'pong' }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string }
  /** The other end is gone, without a word of its own. */
  | { readonly kind: 'reset' };

/** Probabilities for each text frame. */
export interface FrameFaults {
  readonly lose: number;
  readonly repeat: number;
  readonly delay: number;
  readonly damage: number;
}

export const noFrameFaults: FrameFaults = { lose: 0, repeat: 0, delay: 0, damage: 0 };

export interface PipeOptions {
  readonly world: World;
  readonly latencyMs: number;
  /** Asked for each frame. */
  readonly faults: () => FrameFaults;
  readonly deliver: (item: Item) => void;
}

export interface Pipe {
  send(item: Item, onWritten?: () => void): void;
  /** Bytes that wait to be written. */
  bufferedBytes(): number;
  /** How fast frames are written: bytes in a millisecond; 0: not at all, until told otherwise. */
  setRate(bytesPerMs: number): void;
  /** Drops what is not written yet. */
  clear(): void;
  /** Whether any text was lost, repeated, swapped or damaged, which no TCP does. */
  isHarmed(): boolean;
}

interface Waiting {
  readonly item: Item;
  readonly bytes: number;
  readonly onWritten: (() => void) | undefined;
}

export function createPipe({ world, latencyMs, faults, deliver }: PipeOptions): Pipe {
  const { random } = world;
  const waiting: Waiting[] = [];
  let rate = Number.POSITIVE_INFINITY;
  let writing = false;
  /** Nothing arrives before what was sent before it. */
  let lastAtMs = 0;
  let sent = 0;
  let newestArrived = 0;
  let harmed = false;

  function pump(): void {
    while (!writing && rate > 0) {
      const next = waiting[0];
      if (next === undefined) return;
      if (rate === Number.POSITIVE_INFINITY) {
        write(next);
        continue;
      }
      writing = true;
      world.after(next.bytes / rate, () => {
        writing = false;
        if (rate > 0 && waiting[0] === next) write(next);
        pump();
      });
    }
  }

  function write(next: Waiting): void {
    waiting.shift();
    if (next.onWritten !== undefined) world.after(0, next.onWritten);
    travel(next.item);
  }

  function travel(item: Item): void {
    const order = ++sent;
    const arriveMs = latencyMs * (0.8 + 0.4 * random.next());
    const { lose, repeat, delay, damage } = item.kind === 'text' ? faults() : noFrameFaults;
    if (random.chance(lose)) {
      world.happened('frame lost');
      harmed = true;
      return;
    }
    if (random.chance(repeat)) {
      harmed = true;
      world.after(arriveMs + random.between(0, 2_000), () => {
        world.happened('frame repeated');
        deliver(item);
      });
    }
    if (random.chance(delay)) {
      harmed = true;
      world.after(arriveMs + random.between(1, 2_000), () => {
        if (order < newestArrived) world.happened('frame overtaken');
        deliver(item);
      });
      return;
    }
    const isDamaged = item.kind === 'text' && random.chance(damage);
    if (isDamaged) world.happened('frame damaged');
    harmed ||= isDamaged;
    const whole = isDamaged ? { ...item, text: damaged(item.text, random) } : item;
    lastAtMs = Math.max(lastAtMs, Math.round(world.nowMs() + arriveMs));
    world.after(lastAtMs - world.nowMs(), () => {
      newestArrived = Math.max(newestArrived, order);
      deliver(whole);
    });
  }

  return {
    send: (item, onWritten) => {
      waiting.push({ item, bytes: bytesOf(item), onWritten });
      pump();
    },
    bufferedBytes: () => waiting.reduce((sum, { bytes }) => sum + bytes, 0),
    setRate: (bytesPerMs) => {
      rate = bytesPerMs;
      pump();
    },
    clear: () => {
      waiting.length = 0;
    },
    isHarmed: () => harmed,
  };
}

/** A frame's header and what is in it; all texts of a simulation are ASCII. */
function bytesOf(item: Item): number {
  return 4 + (item.kind === 'text' ? item.text.length : 0);
}

/** Where a digit of a tag or digest stands: what the protocol promises to notice in a frame. */
const IN_FRAMES = /"(?:tag|digest)":"[0-9a-f]/g;
/** In a rule set also the digits of its position, which a header names; it stands before the bodies. */
const IN_RULE_SETS = /"tag":"[0-9a-f]|"(?:epoch":"|revision":)[0-9]/g;

/** Cut off, or with another digit somewhere. Below the protocol, TCP and TLS have checksums of their own. */
export function damaged(text: string, random: Random, isRuleSet = false): string {
  const digits = [...text.matchAll(isRuleSet ? IN_RULE_SETS : IN_FRAMES)];
  const bodiesAt = text.indexOf('"flags"');
  const digit = random.any(digits.filter(({ 0: found, index }) => !found.includes('revision') || index < bodiesAt));
  if (digit === undefined || random.chance(0.5)) return text.slice(0, random.between(0, text.length - 1));
  const at = digit.index + digit[0].length - 1;
  const isDecimal = !/tag|digest/.test(digit[0]);
  const base = isDecimal ? 10 : 16;
  const other = (Number.parseInt(text[at] ?? '0', base) + random.between(1, base - 1)) % base;
  return `${text.slice(0, at)}${other.toString(base)}${text.slice(at + 1)}`;
}
