/** One line when something begins to fail and one when it works again, however often it is tried in between. */
import type { FastifyBaseLogger } from 'fastify';

export interface OutageLog {
  failed(error: unknown): void;
  works(): void;
  /** Whether it failed the last time. */
  isFailing(): boolean;
}

/**
 * @param begins said with the first error
 * @param ends said with what works next
 */
export function createOutageLog(log: FastifyBaseLogger, begins: string, ends: string): OutageLog {
  let failing = false;
  return {
    failed: (err) => {
      if (!failing) log.warn({ err }, begins);
      failing = true;
    },
    works: () => {
      if (failing) log.info(ends);
      failing = false;
    },
    isFailing: () => failing,
  };
}
