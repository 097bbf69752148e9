/**
 * Tells open admin UIs how a revision spreads, so that nobody has to ask: a few times a second for half a minute after the
 * commit, whenever the numbers have moved. Then it is silent: readers that come and go concern nobody who waits for a flip.
 */
import type { Receipts } from '@yardarm/contract';
import type { ServedEnvironment } from '../ruleset/cache.ts';

/** Receipts of a healthy fleet are in within this. */
const FIRST_TELL_MS = 60;
const TELL_EVERY_MS = 250;
/** Longer than an admin UI waits. */
const SPREAD_MS = 30_000;

export interface ReceiptStreamOptions {
  readonly environment: (environmentId: string) => ServedEnvironment | undefined;
  readonly read: (served: ServedEnvironment) => Promise<Receipts>;
  /** Whether anybody listens to a project. */
  readonly isHeard: (project: string) => boolean;
  readonly tell: (project: string, receipts: Receipts) => void;
  readonly delay: (ms: number) => Promise<unknown>;
}

export interface ReceiptStream {
  /** The environment has a newer revision. */
  advance(environmentId: string): void;
  close(): void;
}

export function createReceiptStream({ environment, read, isHeard, tell, delay }: ReceiptStreamOptions): ReceiptStream {
  /** How many times an environment is still looked at. */
  const looks = new Map<string, number>();
  let closed = false;

  async function follow(environmentId: string): Promise<void> {
    let told = '';
    await delay(FIRST_TELL_MS);
    for (let left = looks.get(environmentId) ?? 0; left > 0 && !closed; left = looks.get(environmentId) ?? 0) {
      looks.set(environmentId, left - 1);
      const served = environment(environmentId);
      if (served !== undefined && isHeard(served.rules.project)) {
        const receipts = await read(served);
        const numbers = JSON.stringify(receipts, withoutTimes);
        if (numbers !== told) tell(served.rules.project, receipts);
        told = numbers;
      }
      await delay(TELL_EVERY_MS);
    }
    looks.delete(environmentId);
  }

  return {
    advance: (environmentId) => {
      const isFollowed = looks.has(environmentId);
      looks.set(environmentId, SPREAD_MS / TELL_EVERY_MS);
      if (!isFollowed) void follow(environmentId);
    },
    close: () => {
      closed = true;
    },
  };
}

/** When a laggard was heard moves with every pong, and is no news. */
function withoutTimes(name: string, value: unknown): unknown {
  return name === 'heardAt' ? undefined : value;
}
