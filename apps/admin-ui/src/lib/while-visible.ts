/** A tab in the background needs no connection of its own: a short look elsewhere keeps it, a longer one gives it up. */

export interface VisiblePage {
  readonly hidden: boolean;
  addEventListener(type: 'visibilitychange', listener: () => void): void;
  removeEventListener(type: 'visibilitychange', listener: () => void): void;
}

/** Long enough to look something up in another tab. */
const HIDDEN_MS = 10_000;

/** Runs `start` while the page is visible, and what it answered once the page has been hidden for 10 s; answers the end of both. */
export function whileVisible(
  page: VisiblePage,
  schedule: (callback: () => void, delayMs: number) => () => void,
  start: () => () => void,
): () => void {
  let stop: (() => void) | null = null;
  let cancel: () => void = () => undefined;
  const pause = () => {
    stop?.();
    stop = null;
  };
  const follow = () => {
    cancel();
    if (!page.hidden) stop ??= start();
    else if (stop) cancel = schedule(pause, HIDDEN_MS);
  };
  page.addEventListener('visibilitychange', follow);
  follow();
  return () => {
    page.removeEventListener('visibilitychange', follow);
    cancel();
    pause();
  };
}
