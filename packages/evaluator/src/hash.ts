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
  return readOn({ hash: seed, block: 0, length: 0 }, text, finish) >>> 0;
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
  return Math.floor(((readOn(salted, unit, finish) >>> 0) * WEIGHT_SCALE) / 2 ** 32);
}

/** State with seed 0 after `text`. */
export function hashStart(text: string): HashState {
  return readOn({ hash: 0, block: 0, length: 0 }, text, stateOf);
}

/** 64 bits as 16 hex digits, seeds 0 and 1: hides list entries from a casual reader of a client view. Not secrecy. */
export function hashValue(salt: string, value: string): string {
  return [0, 1].map((seed) => murmur3(`${salt}:${value}`, seed).toString(16).padStart(8, '0')).join('');
}

/** Hashes on; what `end` makes of the state is the answer, so that no object need be built for a state that is not kept. */
function readOn<Result>(start: HashState, text: string, end: (hash: number, block: number, length: number) => Result): Result {
  let { hash, block, length } = start;
  for (let index = 0; index < text.length; index++) {
    let point = text.charCodeAt(index);
    // Of a character of several bytes, how many follow the first.
    let more = 0;
    if (point > 0x7f) {
      point = text.codePointAt(index) as number;
      if (point >= 0xd800 && point < 0xe000) point = 0xfffd;
      if (point > 0xffff) index++;
      more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    }
    for (let lead = more && 0xff00 >> (more + 1); more >= 0; more--, lead = 0x80) {
      block |= ((lead | ((point >> (more * 6)) & (lead ? 0x3f : 0x7f))) & 0xff) << ((length & 3) << 3);
      if ((++length & 3) === 0) {
        hash ^= scramble(block);
        hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
        block = 0;
      }
    }
  }
  return end(hash, block, length);
}

function stateOf(hash: number, block: number, length: number): HashState {
  return { hash, block, length };
}

/** As a signed integer, which engines pass on without building an object. */
function finish(hash: number, block: number, length: number): number {
  let mixed = hash ^ scramble(block) ^ length;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

function scramble(block: number): number {
  const mixed = Math.imul(block, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}
