/**
 * Hash 2 of the rule language: MurmurHash3 x86 32-bit over UTF-8. It is the arithmetic of flagd's providers in
 * other languages, so a split keeps its users wherever it is evaluated. Who gets what hangs on every bit of
 * this file: vectors/hash.json pins it.
 */
import { WEIGHT_SCALE } from './rule-set.ts';

/** The hash of a text read so far. Plain numbers, so that a text that many texts begin with is hashed once. */
export interface HashState {
  readonly hash: number;
  /** Bytes that do not make a block of four yet, first byte lowest. */
  readonly block: number;
  /** In bytes. */
  readonly length: number;
}

/** Unsigned 32-bit MurmurHash3 of the UTF-8 bytes of `text`. A lone surrogate counts as U+FFFD, as in TextEncoder. */
export function murmur3(text: string, seed: number): number {
  return hashAfter({ hash: seed | 0, block: 0, length: 0 }, text) >>> 0;
}

/**
 * Bucket of a unit in 0 … 99 999: `(hash * 100000) >> 32`. The product stays below 2^49, so the division of
 * doubles is exact.
 */
export function bucketOf(salt: string, unit: string): number {
  return bucketAfter(hashStart(`${salt}:`), unit);
}

/** Bucket of a unit, given the state after its salt and colon. */
export function bucketAfter(salted: HashState, unit: string): number {
  return Math.floor(((hashAfter(salted, unit) >>> 0) * WEIGHT_SCALE) / 2 ** 32);
}

/** State with seed 0 after `text`. */
export function hashStart(text: string): HashState {
  return readOn({ hash: 0, block: 0, length: 0 }, text);
}

/** Hash, as a signed integer, of the text behind `start` and `text`. Four ASCII characters at a time, building nothing. */
function hashAfter(start: HashState, text: string): number {
  let { hash, block } = start;
  let filled = (start.length & 3) << 3;
  const whole = text.length & ~3;
  let index = 0;
  for (; index < whole; index += 4) {
    const a = text.charCodeAt(index);
    const b = text.charCodeAt(index + 1);
    const c = text.charCodeAt(index + 2);
    const d = text.charCodeAt(index + 3);
    if ((a | b | c | d) > 0x7f) return finish(readOn(start, text));
    const bytes = a | (b << 8) | (c << 16) | (d << 24);
    hash = mix(hash, block | (bytes << filled));
    // In two steps, for a shift by 32 would be one by 0.
    block = (bytes >>> (31 - filled)) >>> 1;
  }
  for (; index < text.length; index++) {
    const byte = text.charCodeAt(index);
    if (byte > 0x7f) return finish(readOn(start, text));
    block |= byte << filled;
    filled = (filled + 8) & 31;
    if (filled === 0) {
      hash = mix(hash, block);
      block = 0;
    }
  }
  return finish({ hash, block, length: start.length + text.length });
}

/** Any text, byte by byte. */
function readOn(start: HashState, text: string): HashState {
  let { hash, block, length } = start;
  for (let index = 0; index < text.length; index++) {
    let bytes = text.charCodeAt(index);
    let count = 1;
    if (bytes >= 0x80) {
      const point = text.codePointAt(index) as number;
      if (point > 0xffff) index++;
      bytes = packUtf8(point);
      count = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    }
    for (; count > 0; count--, bytes >>>= 8) {
      block |= (bytes & 0xff) << ((length & 3) << 3);
      if ((++length & 3) === 0) {
        hash = mix(hash, block);
        block = 0;
      }
    }
  }
  return { hash, block, length };
}

function mix(hash: number, block: number): number {
  const mixed = hash ^ scramble(block);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function finish({ hash, block, length }: HashState): number {
  let mixed = hash ^ scramble(block) ^ length;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** 64 bits as 16 hex digits, seeds 0 and 1: hides list entries from a casual reader of a client view. Not secrecy. */
export function hashValue(salt: string, value: string): string {
  const text = `${salt}:${value}`;
  return hex(murmur3(text, 0)) + hex(murmur3(text, 1));
}

function scramble(block: number): number {
  const mixed = Math.imul(block, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}

/** UTF-8 bytes of a code point from U+0080 on, first byte lowest. */
function packUtf8(point: number): number {
  if (point < 0x800) return 0xc0 | (point >> 6) | ((0x80 | (point & 63)) << 8);
  if (point >= 0xd800 && point < 0xe000) return 0xbdbfef;
  if (point < 0x10000) return 0xe0 | (point >> 12) | ((0x80 | ((point >> 6) & 63)) << 8) | ((0x80 | (point & 63)) << 16);
  return (
    0xf0 |
    (point >> 18) |
    ((0x80 | ((point >> 12) & 63)) << 8) |
    ((0x80 | ((point >> 6) & 63)) << 16) |
    ((0x80 | (point & 63)) << 24)
  );
}

function hex(hash: number): string {
  return hash.toString(16).padStart(8, '0');
}
