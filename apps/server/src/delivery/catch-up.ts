/**
 * Brings each environment to where the last look at the database found it: every one by itself and a few at a time, so that one that
 * takes long or fails holds up no look and no other environment. Not responsible for what there is to do.
 */
import { compareStates } from '@yardarm/sync';
import type { FastifyBaseLogger } from 'fastify';
import type { Head } from '../changes/change-feed.ts';

const AT_ONCE = 2;
/** As many as may be at work: where all places turn out to take long together, one that does not goes besides. */
export const CATCH_UP_CONNECTIONS = AT_ONCE + 1;

/** What takes longer, or failed, leaves one place to the others. */
const QUICK_MS = 1_000;
/** More than its statements may take: what has not ended by then waits for a connection that says nothing any more. */
const PATIENCE_MS = 30_000;
/** Over by the next look; doubled with each failure. */
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 8_000;

export interface CatchUpOptions {
  /** Whether nothing is left to do. */
  readonly isThere: (head: Head) => boolean;
  /** Whether there is something newer than what is served: it comes before what only has to be compared. */
  readonly isNews: (head: Head) => boolean;
  /** Takes over what the database has of the environment. A rejection is logged, and a later look tries again. */
  readonly take: (head: Head) => Promise<void>;
  /** What the log calls an environment. */
  readonly describe: (environmentId: string) => object;
  /** Something was not answered for half a minute. */
  readonly onSilence?: (() => void) | undefined;
  readonly delay: (ms: number) => Promise<unknown>;
  /** Milliseconds since any moment, on a clock that nobody sets. */
  readonly monotonicMs: () => number;
  readonly log: FastifyBaseLogger;
}

/** An environment that is not where the last look found it. */
export interface Behind {
  readonly environmentId: string;
  readonly forMs: number;
  /** The last attempt failed. */
  readonly isFailing: boolean;
}

export interface CatchUp {
  /** A look found every environment here. Returns at once. */
  lead(heads: readonly Head[]): void;
  /** Resolves when everything that was found of the environment (left out: of all) is taken over, or could not be. Never rejects. */
  tried(environmentId?: string): Promise<void>;
  behind(): readonly Behind[];
  /** Begins nothing more. */
  close(): void;
}

interface Led {
  /** Where the last look found it. */
  head: Head;
  readonly sinceMs: number;
  /** Waits for its turn or has it. */
  attempt: Promise<void> | undefined;
  failures: number;
  retryAtMs: number;
}

interface Turn {
  readonly one: Led;
  readonly begin: () => void;
}

export function createCatchUp(options: CatchUpOptions): CatchUp {
  const { isThere, isNews, take, describe, onSilence, delay, monotonicMs, log } = options;
  const led = new Map<string, Led>();
  const waiting: Turn[] = [];
  /** Since when. */
  const atWork = new Map<Led, number>();
  /** Environments of which the last attempt failed or took long. */
  const slow = new Set<string>();
  let closed = false;

  function leadOne(head: Head): void {
    const known = led.get(head.environmentId);
    if (known === undefined && isThere(head)) return;
    const one = known ?? { head, sinceMs: monotonicMs(), attempt: undefined, failures: 0, retryAtMs: Number.NEGATIVE_INFINITY };
    one.head = head;
    led.set(head.environmentId, one);
    if (one.attempt !== undefined) return;
    if (isThere(head)) succeed(one);
    else if (monotonicMs() >= one.retryAtMs) one.attempt = attempt(one);
  }

  async function attempt(one: Led): Promise<void> {
    try {
      let head: Head;
      do {
        await turn(one);
        if (closed) return;
        head = one.head;
        await takeOne(one, head);
        // A look that came meanwhile may have found more.
      } while (compareStates(one.head, head) !== 0 && !isThere(one.head));
      succeed(one);
    } catch (error) {
      fail(one, error);
    } finally {
      one.attempt = undefined;
    }
  }

  function turn(one: Led): Promise<void> {
    return new Promise((resolve) => {
      waiting.push({ one, begin: resolve });
      letIn();
    });
  }

  /** Slow ones only where that leaves a place to the others. Some are known to be slow only when all places are taken. */
  function letIn(): void {
    for (;;) {
      const slowAtWork = [...atWork].filter(([one, beganMs]) => isSlow(one) || monotonicMs() - beganMs > QUICK_MS).length;
      if (atWork.size >= (slowAtWork < AT_ONCE ? AT_ONCE : CATCH_UP_CONNECTIONS)) return;
      const able = waiting.filter(({ one }) => slowAtWork < AT_ONCE - 1 || !isSlow(one));
      const next = able.find(({ one }) => isNews(one.head)) ?? able[0];
      if (next === undefined) return;
      waiting.splice(waiting.indexOf(next), 1);
      atWork.set(next.one, monotonicMs());
      next.begin();
    }
  }

  async function takeOne(one: Led, head: Head): Promise<void> {
    const beganMs = monotonicMs();
    let isQuick = false;
    try {
      const ended = await Promise.race([take(head).then(() => true), delay(PATIENCE_MS).then(() => false)]);
      if (!ended) {
        onSilence?.();
        throw new Error(`The database did not answer within ${PATIENCE_MS / 1_000} s.`);
      }
      isQuick = monotonicMs() - beganMs <= QUICK_MS;
    } finally {
      if (isQuick) slow.delete(head.environmentId);
      else slow.add(head.environmentId);
      atWork.delete(one);
      letIn();
    }
  }

  const isSlow = ({ head }: Led) => slow.has(head.environmentId);

  function succeed(one: Led): void {
    const { head, failures } = one;
    one.failures = 0;
    if (!isThere(head)) return;
    if (failures > 0) log.info(describe(head.environmentId), 'an environment is where the database has it again');
    led.delete(head.environmentId);
  }

  /** One line until it succeeds. */
  function fail(one: Led, error: unknown): void {
    one.retryAtMs = monotonicMs() + Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** one.failures);
    one.failures += 1;
    if (one.failures > 1 || closed) return;
    log.error(
      { ...describe(one.head.environmentId), err: error },
      'an environment could not be brought to what the database has: its readers keep what they have, it is tried again, and others go on',
    );
  }

  return {
    lead: (heads) => {
      if (closed) return;
      const found = new Set(heads.map(({ environmentId }) => environmentId));
      for (const [id, one] of led) if (!found.has(id) && one.attempt === undefined) led.delete(id);
      for (const head of heads) leadOne(head);
      // What is at work may have turned slow since the last look.
      letIn();
    },
    tried: async (environmentId) => {
      const asked = environmentId === undefined ? [...led.values()] : [led.get(environmentId)];
      await Promise.all(asked.map((one) => one?.attempt));
    },
    behind: () =>
      [...led].map(([environmentId, { sinceMs, failures }]) => ({
        environmentId,
        forMs: monotonicMs() - sinceMs,
        isFailing: failures > 0,
      })),
    close: () => {
      closed = true;
      for (const { begin } of waiting.splice(0)) begin();
    },
  };
}
