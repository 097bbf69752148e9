import { useSyncExternalStore } from 'react';

/** Below Tailwind's `md`. */
const NARROW = '(width < 48rem)';

/** Whether the window is as narrow as a phone's: for what styles alone cannot put in another order. */
export function useNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => matchMedia(NARROW).matches);
}

function subscribe(onChange: () => void): () => void {
  const query = matchMedia(NARROW);
  query.addEventListener('change', onChange);
  return () => query.removeEventListener('change', onChange);
}
