import { useEffect, useRef, useState } from 'react';

/** As long as the `flash` animation runs. */
const RECENT_MS = 2_200;

/** True for a moment after `value` has changed; false for the first value, which is news to nobody. */
export function useRecentlyChanged(value: string): boolean {
  const previous = useRef(value);
  const [changed, setChanged] = useState(false);
  useEffect(() => {
    if (previous.current === value) return;
    previous.current = value;
    setChanged(true);
    const timer = setTimeout(() => setChanged(false), RECENT_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return changed;
}
