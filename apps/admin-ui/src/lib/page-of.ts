import { callApi } from './api-client.ts';

/** A page of a list, and the cursor of the next (null on the last). */
export interface PageOf<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** As many as a list answers at once. */
const PAGE = 200;

/** Every item of a list that the API answers in pages. `onSome` gets those that have come, while more are to come. */
export async function listAll<T>(path: string, signal: AbortSignal, onSome?: (items: readonly T[]) => void): Promise<T[]> {
  const items: T[] = [];
  let next: string | null = null;
  do {
    const cursor: string = next === null ? '' : `&cursor=${encodeURIComponent(next)}`;
    const page: PageOf<T> = await callApi<PageOf<T>>(`${path}?limit=${PAGE}${cursor}`, { signal });
    items.push(...page.items);
    next = page.next;
    if (next !== null) onSome?.([...items]);
  } while (next !== null);
  return items;
}
