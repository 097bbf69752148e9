/** Writes checkpoints while the server runs, and a last time when it stops. */
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import { type CheckpointDependencies, type CheckpointLag, writeCheckpoints } from './checkpoint-store.ts';

const LAG: CheckpointLag = { links: 100, ageMs: 60 * 60 * 1_000 };
export const NO_LAG: CheckpointLag = { links: 1, ageMs: 0 };
const LOOK_EVERY_MS = 60_000;

export interface Checkpoints {
  /** Writes what is outstanding. */
  readonly close: () => Promise<void>;
}

export function startCheckpoints(dependencies: CheckpointDependencies & { readonly log: FastifyBaseLogger }): Checkpoints {
  const { log } = dependencies;
  const ending = new AbortController();
  const write = (lag: CheckpointLag) =>
    writeCheckpoints(dependencies, lag).catch((error: unknown) =>
      log.error({ err: error }, 'no audit checkpoint could be written'),
    );
  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      await write(LAG);
      await delay(LOOK_EVERY_MS, undefined, { signal: ending.signal, ref: false }).catch(() => undefined);
    }
  }
  const running = run();
  return {
    close: async () => {
      ending.abort();
      await running;
      await write(NO_LAG);
    },
  };
}
