/**
 * Hash 2 of the rule language: MurmurHash3 x86 32-bit over UTF-8. It is the arithmetic of flagd's providers in
 * other languages, so a split keeps its users wherever it is evaluated. Who gets what hangs on every bit of
 * this file: vectors/hash.json pins it.
 */
import { WEIGHT_SCALE } from './rule-set.ts';

/** Unsigned 32-bit MurmurHash3 of the UTF-8 bytes of `text`. A lone surrogate counts as U+FFFD, as in TextEncoder. */
export function murmur3(text: string, seed: number): number {
  let hash = seed | 0;
  let block = 0;
  let length = 0;
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
        hash ^= scramble(block);
        hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
        block = 0;
      }
    }
  }
  hash ^= scramble(block) ^ length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * Bucket of a unit in 0 … 99 999: `(hash * 100000) >> 32`. The product stays below 2^49, so the division of
 * doubles is exact.
 */
export function bucketOf(salt: string, unit: string): number {
  return Math.floor((murmur3(`${salt}:${unit}`, 0) * WEIGHT_SCALE) / 2 ** 32);
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
