import { useEffect, useRef, useState } from 'react';
import { type Found, type LookUp, lookUp } from './api/look-up.ts';

export type Looking =
  | { readonly state: 'nothing' }
  | { readonly state: 'looking' }
  | { readonly state: 'found'; readonly found: Found; readonly asked: LookUp }
  | { readonly state: 'failed'; readonly error: unknown };

/** One look at a time; a new one ends the one before. */
export function useLookUp(): readonly [Looking, (asked: LookUp) => void] {
  const [looking, setLooking] = useState<Looking>({ state: 'nothing' });
  const ending = useRef<AbortController | null>(null);
  useEffect(() => () => ending.current?.abort(), []);
  const start = (asked: LookUp) => {
    ending.current?.abort();
    const own = new AbortController();
    ending.current = own;
    const tell = (next: Looking) => {
      if (!own.signal.aborted) setLooking(next);
    };
    tell({ state: 'looking' });
    lookUp(asked, own.signal).then(
      (found) => tell({ state: 'found', found, asked }),
      (error: unknown) => tell({ state: 'failed', error }),
    );
  };
  return [looking, start];
}
