/**
 * MurmurHash3 x86 32-bit of one text with seeds 0 and 1, in one reading: an SDK hashes ten thousand names before its first
 * answer, with code that no engine has optimised yet. The same numbers as the evaluator's `murmur3`.
 */
import { murmur3 } from '@yardarm/evaluator';
import type { Digest } from './digest.ts';

export function hashTwice(text: string): Digest {
  let first = 0;
  let second = 1;
  const whole = text.length & ~3;
  for (let index = 0; index < whole; index += 4) {
    const a = text.charCodeAt(index);
    const b = text.charCodeAt(index + 1);
    const c = text.charCodeAt(index + 2);
    const d = text.charCodeAt(index + 3);
    if ((a | b | c | d) > 0x7f) return hashOneByOne(text);
    let block = Math.imul(a | (b << 8) | (c << 16) | (d << 24), 0xcc9e2d51);
    block = Math.imul((block << 15) | (block >>> 17), 0x1b873593);
    first ^= block;
    first = (Math.imul((first << 13) | (first >>> 19), 5) + 0xe6546b64) | 0;
    second ^= block;
    second = (Math.imul((second << 13) | (second >>> 19), 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let index = whole; index < text.length; index++) {
    const byte = text.charCodeAt(index);
    if (byte > 0x7f) return hashOneByOne(text);
    tail |= byte << ((index & 3) << 3);
  }
  tail = Math.imul(tail, 0xcc9e2d51);
  tail = Math.imul((tail << 15) | (tail >>> 17), 0x1b873593) ^ text.length;
  return { first: finish(first ^ tail), second: finish(second ^ tail) };
}

/** Text beyond ASCII, which names and tags seldom are. */
function hashOneByOne(text: string): Digest {
  return { first: murmur3(text, 0), second: murmur3(text, 1) };
}

function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
