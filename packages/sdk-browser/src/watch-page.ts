import type { ProviderCore } from '@yardarm/sync';

/** A page that was hidden this long lets go of its connection: browsers put it to sleep, and nobody looks. */
const HIDDEN_MS = 60_000;
/** A network that comes and goes all the time costs one attempt for each of these. */
const MOVED_MS = 1_000;
const EVENTS = ['visibilitychange', 'pagehide', 'pageshow', 'online', 'offline'];

/**
 * Tells the core when nobody looks at the page any more and when somebody does again, and when its network went or came
 * back. The answer ends it. A page that is left lets go at once, so that the browser can keep it for the way back.
 */
export function watchPage(core: Pick<ProviderCore, 'tell' | 'flush'>): () => void {
  // Rendered on a server, or a worker.
  if (typeof document === 'undefined') return () => {};
  let isAway = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let moving: ReturnType<typeof setTimeout> | undefined;
  let movedMs = Number.NEGATIVE_INFINITY;
  const move = () => {
    movedMs = performance.now();
    isAway || setAway(false);
  };
  const setAway = (away: boolean) => {
    isAway = away;
    core.tell(away ? 'suspended' : 'resumed');
  };
  const heard = ({ type }: { readonly type: string }) => {
    if (type === 'pagehide') setAway(true);
    else if (type.endsWith('line')) {
      clearTimeout(moving);
      moving = setTimeout(move, movedMs + MOVED_MS - performance.now());
    } else {
      clearTimeout(timer);
      if (document.hidden) {
        // The last that a page on a phone is sure to hear.
        core.flush();
        timer = setTimeout(setAway, HIDDEN_MS, true);
      } else if (isAway) setAway(false);
    }
  };
  for (const event of EVENTS) addEventListener(event, heard);
  heard({ type: '' });
  return () => {
    clearTimeout(timer);
    clearTimeout(moving);
    for (const event of EVENTS) removeEventListener(event, heard);
  };
}
