/** Writes checkpoints while the server runs, and a last time when it stops. */
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import { isGenuine } from './checkpoint.ts';
import { type CheckpointDependencies, type CheckpointLag, readNewestCheckpoint, writeCheckpoints } from './checkpoint-store.ts';

const LAG: CheckpointLag = { links: 100, ageMs: 60 * 60 * 1_000 };
export const NO_LAG: CheckpointLag = { links: 1, ageMs: 0 };
const LOOK_EVERY_MS = 60_000;
/** A database that hangs must not keep the server from ending; what is outstanding then, the next one writes. */
const CLOSE_PATIENCE_MS = 2_000;

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
    await warnOfOtherSecret(dependencies).catch((error: unknown) =>
      log.error({ err: error }, 'whether the audit checkpoints are of this secret could not be read'),
    );
    while (!ending.signal.aborted) {
      await write(LAG);
      await delay(LOOK_EVERY_MS, undefined, { signal: ending.signal, ref: false }).catch(() => undefined);
    }
  }
  const running = run();
  return {
    close: async () => {
      ending.abort();
      const written = running.then(() => write(NO_LAG));
      await Promise.race([written, delay(CLOSE_PATIENCE_MS, undefined, { ref: false })]);
    },
  };
}

/** Which of the two secrets is the right one is not to be told from here: the wrong server may have written last. */
async function warnOfOtherSecret({ db, key, log }: CheckpointDependencies & { readonly log: FastifyBaseLogger }): Promise<void> {
  const newest = await readNewestCheckpoint(db);
  if (newest === undefined || isGenuine(key, newest)) return;
  log.error(
    { chain: newest.chain, seq: newest.seq, at: newest.at },
    'this server has another secret than the one that made the newest audit checkpoint: each finds forged what the other wrote, and cannot read the secrets that it stored; stop whichever was given the wrong YARDARM_SECRET_FILE, and give it a copy of the right one',
  );
}
