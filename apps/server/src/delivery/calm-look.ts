/**
 * Looks at the database for readers, who decide when: not more often than `gapMs` apart, however many ask. Whoever asks meanwhile
 * shares the next look.
 */
import { setTimeout as delay } from 'node:timers/promises';

const GAP_MS = 100;

/** @param now a clock that never runs backwards, milliseconds */
export function calmLook(look: () => Promise<void>, now: () => number, gapMs = GAP_MS): () => Promise<void> {
  let beganMs = Number.NEGATIVE_INFINITY;
  let next: Promise<void> | undefined;
  async function lookOnce(): Promise<void> {
    const waitMs = beganMs + gapMs - now();
    // Also without a wait: `next` is not set before this function has answered.
    await (waitMs > 0 ? delay(waitMs, undefined, { ref: false }) : null);
    beganMs = now();
    next = undefined;
    await look();
  }
  return () => {
    next ??= lookOnce();
    return next;
  };
}
