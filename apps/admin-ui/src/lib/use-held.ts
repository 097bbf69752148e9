/** What changes by itself, held still. */
import { useState } from 'react';

export interface Held<T> {
  readonly key: string;
  /** Undefined: it has not come yet. */
  readonly value: T | undefined;
}

/** `value` as it was when `key` last changed, or when it first came after that. */
export function useHeld<T>(value: T | undefined, key: string): T | undefined {
  const [held, setHeld] = useState<Held<T>>({ key, value });
  const next = nextHeld(held, { key, value });
  // While it is drawn: an effect would show the old one for a frame.
  if (next !== held) setHeld(next);
  return next.value;
}

/** What is held already, unless it is of another key or has not come yet. */
export function nextHeld<T>(held: Held<T>, now: Held<T>): Held<T> {
  const isNews = held.key !== now.key || (held.value === undefined && now.value !== undefined);
  return isNews ? now : held;
}
