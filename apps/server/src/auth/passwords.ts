/**
 * Password hashing: argon2id, at most two at a time, since each takes 19 MiB and a core for some 20 ms; a queue that is
 * full answers `unavailable`, so that guessing cannot starve the rest of the server. An unknown account costs as much
 * as a known one.
 */
import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { AppError } from '../errors.ts';

/** OWASP's first choice of argon2id parameters; the algorithm is the library's default. */
const ARGON2 = { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 };
const MAX_AT_ONCE = 2;
/** Half a second of work. */
const MAX_WAITING = 50;

export interface Passwords {
  /** An argon2id hash in PHC form. Throws `unavailable` when too many wait. */
  readonly hash: (password: string) => Promise<string>;
  /** Whether `password` makes `passwordHash`; of null, false after the same work. Throws `unavailable` when too many wait. */
  readonly verify: (passwordHash: string | null, password: string) => Promise<boolean>;
}

export function createPasswords(): Passwords {
  const bounded = createQueue(MAX_AT_ONCE, MAX_WAITING);
  // Nobody knows what it was made of.
  const decoy = hash(randomBytes(32), ARGON2);
  return {
    hash: (password) => bounded(() => hash(password, ARGON2)),
    verify: (passwordHash, password) =>
      bounded(async () => (await verify(passwordHash ?? (await decoy), password)) && passwordHash !== null),
  };
}

function createQueue(maxAtOnce: number, maxWaiting: number) {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= maxAtOnce) {
      if (waiting.length >= maxWaiting)
        throw new AppError('unavailable', 'Too many people are signing in right now; try again in a moment.', {
          retryAfterSeconds: 2,
        });
      // Whoever ends hands its place over, so `running` stays as it is.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
