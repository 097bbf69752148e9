import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketOf, hashValue, murmur3 } from './hash.ts';

interface HashVectors {
  readonly murmur3: readonly { readonly text: string; readonly seed: number; readonly hash: number }[];
  readonly bucketOf: readonly { readonly salt: string; readonly unit: string; readonly bucket: number }[];
  readonly hashValue: readonly { readonly salt: string; readonly value: string; readonly hash: string }[];
}
const vectors: HashVectors = JSON.parse(readFileSync(new URL('../vectors/hash.json', import.meta.url), 'utf8'));

/** MurmurHash3 x86 32-bit as published: over bytes, block by block, then the tail. */
function murmur3OfBytes(bytes: Uint8Array, seed: number): number {
  const scramble = (k: number) => {
    const mixed = Math.imul(k, 0xcc9e2d51);
    return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks = bytes.length >>> 2;
  let hash = seed;
  for (let block = 0; block < blocks; block++) {
    hash ^= scramble(view.getUint32(block * 4, true));
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let index = bytes.length - 1; index >= blocks * 4; index--) tail = (tail << 8) | (bytes[index] as number);
  hash ^= scramble(tail);
  hash ^= bytes.length;
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

describe('murmur3', () => {
  it.each(vectors.murmur3)('hashes $text with seed $seed to $hash', ({ text, seed, hash }) => {
    expect(murmur3(text, seed)).toBe(hash);
  });

  it('agrees with the published algorithm over the bytes of TextEncoder, for any text and seed', () => {
    const encoder = new TextEncoder();
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }), (text, seed) => {
        expect(murmur3(text, seed)).toBe(murmur3OfBytes(encoder.encode(text), seed));
      }),
      { numRuns: 500 },
    );
  });

  it('counts a lone surrogate as U+FFFD, as TextEncoder does', () => {
    for (const text of ['\ud800', 'a\udc00b', '\udc00\ud800', '\ud800\ud83d\ude00']) {
      expect(murmur3(text, 7)).toBe(murmur3OfBytes(new TextEncoder().encode(text), 7));
    }
  });
});

describe('bucketOf', () => {
  it.each(vectors.bucketOf)('puts unit $unit under salt $salt into bucket $bucket', ({ salt, unit, bucket }) => {
    expect(bucketOf(salt, unit)).toBe(bucket);
  });

  it('is the 64-bit product shifted right by 32, exactly', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (salt, unit) => {
        expect(BigInt(bucketOf(salt, unit))).toBe((BigInt(murmur3(`${salt}:${unit}`, 0)) * 100_000n) >> 32n);
      }),
    );
  });
});

describe('hashValue', () => {
  it.each(vectors.hashValue)('hashes $value under salt $salt to $hash', ({ salt, value, hash }) => {
    expect(hashValue(salt, value)).toBe(hash);
  });

  it('is 16 hex digits: seed 0, then seed 1', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (salt, value) => {
        const hash = hashValue(salt, value);
        expect(hash).toMatch(/^[0-9a-f]{16}$/);
        expect(Number.parseInt(hash.slice(0, 8), 16)).toBe(murmur3(`${salt}:${value}`, 0));
        expect(Number.parseInt(hash.slice(8), 16)).toBe(murmur3(`${salt}:${value}`, 1));
      }),
    );
  });
});
