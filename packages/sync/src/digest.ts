/**
 * Digest of a view: two murmur3 sums (seeds 0 and 1, mod 2^32) over kind, key and tag of every body as
 * received, readable or not. A sum needs no order and can be kept incrementally, so both ends know within one
 * addition per change whether they hold the same objects. It finds missing, extra, stale and diverged objects;
 * it is no security measure. See docs/protocol.md, I1.
 */
import type { EntityKind } from '@yardarm/evaluator';
import { hashTwice } from './hash-twice.ts';

/** Both sums as unsigned 32-bit integers. */
export interface Digest {
  readonly first: number;
  readonly second: number;
}

export const emptyDigest: Digest = { first: 0, second: 0 };

/** The digest with one body more. Adding a body that is in it already counts it twice: remove the old tag first. */
export function addBody(digest: Digest, kind: EntityKind, key: string, tag: string): Digest {
  const { first, second } = hashTwice(`${kind}:${key}:${tag}`);
  return { first: (digest.first + first) >>> 0, second: (digest.second + second) >>> 0 };
}

/** The digest without one body that was added with the same kind, key and tag. */
export function removeBody(digest: Digest, kind: EntityKind, key: string, tag: string): Digest {
  const { first, second } = hashTwice(`${kind}:${key}:${tag}`);
  return { first: (digest.first - first) >>> 0, second: (digest.second - second) >>> 0 };
}

/** 16 hex digits: the sum with seed 0, then the sum with seed 1. */
export function digestText(digest: Digest): string {
  return digest.first.toString(16).padStart(8, '0') + digest.second.toString(16).padStart(8, '0');
}
