import { describe, expect, it } from 'vitest';
import { createPasswords } from './passwords.ts';

describe('passwords', () => {
  it('are stored as argon2id with 19 MiB, two passes and one lane, and a fresh salt', async () => {
    const passwords = createPasswords();
    const [one, two] = [await passwords.hash('a lamp in the harbour'), await passwords.hash('a lamp in the harbour')];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
    expect(await passwords.verify(one, 'a lamp in the harbour')).toBe(true);
    expect(await passwords.verify(one, 'a lamp in the harbor')).toBe(false);
  });

  it('uniform work for unknown users: no hash is verified like a wrong one, and never fits', async () => {
    const passwords = createPasswords();
    const known = await passwords.hash('a lamp in the harbour');
    const timeMs = async (passwordHash: string | null) => {
      const startMs = performance.now();
      for (let round = 0; round < 5; round++) expect(await passwords.verify(passwordHash, 'guess')).toBe(false);
      return performance.now() - startMs;
    };
    await timeMs(null);
    const [unknown, wrong] = [await timeMs(null), await timeMs(known)];
    // Without the decoy the quotient is below 0.01; the wide bounds are for a busy machine.
    expect(unknown / wrong).toBeGreaterThan(0.2);
    expect(unknown / wrong).toBeLessThan(5);
  });

  it('brute force cannot pile up work: beyond two at once and fifty waiting, the answer is unavailable with Retry-After', async () => {
    const passwords = createPasswords();
    const outcomes = await Promise.allSettled(Array.from({ length: 60 }, () => passwords.verify(null, 'guess')));
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(8);
    expect(refused[0]?.reason).toMatchObject({ code: 'unavailable', retryAfterSeconds: 2 });
    expect(await passwords.verify(null, 'guess')).toBe(false);
  });
});
