/**
 * A tab's part in the stream of a project, with what this browser offers. Web Locks choose the tab that leads; they
 * exist in secure contexts only, and without them each visible tab has a connection of its own.
 */
import { openProjectStream, type StreamEvent, type StreamSource } from '../../lib/project-stream.ts';
import { openSharedStream, type SharedChannel } from '../../lib/shared-stream.ts';
import { whileVisible } from '../../lib/while-visible.ts';

export interface TabStreamOptions {
  readonly report: (event: StreamEvent) => void;
  /** The server refused the stream; another attempt follows. */
  readonly onRefused: () => void;
}

/** Answers the function that ends this tab's part. */
export function openTabStream(project: string, { report, onRefused }: TabStreamOptions): () => void {
  const open = (tell: (event: StreamEvent) => void) =>
    openProjectStream({
      open: () => new EventSource(`/api/v1/projects/${encodeURIComponent(project)}/stream`) as StreamSource,
      report: tell,
      onRefused,
      schedule,
      random: Math.random,
    });
  const name = `yardarm-stream ${project}`;
  // The type says that there always are locks; an insecure context has none.
  const locks = navigator.locks as LockManager | undefined;
  return whileVisible(document, schedule, () =>
    locks
      ? openSharedStream({
          channel: new BroadcastChannel(name) as SharedChannel,
          lead: (start) => leadByLock(locks, name, start),
          open,
          report,
        })
      : open(report),
  );
}

/** The lock is free again as soon as the tab that holds it is gone, however it went. */
function leadByLock(locks: LockManager, name: string, start: () => () => void): () => void {
  const resigning = new AbortController();
  const { signal } = resigning;
  const hold = () =>
    new Promise<void>((release) => {
      if (signal.aborted) return release();
      const stop = start();
      signal.addEventListener('abort', () => {
        stop();
        release();
      });
    });
  // The one refusal there is: resigned before it was this tab's turn.
  locks.request(name, { signal }, hold).catch(() => undefined);
  return () => resigning.abort();
}

function schedule(callback: () => void, delayMs: number): () => void {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
}
