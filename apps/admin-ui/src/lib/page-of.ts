import { callApi } from './api-client.ts';

/** A page of a list, and the cursor of the next (null on the last). */
export interface PageOf<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** Every item of a list that the API answers in pages of 1 000. */
export async function listAll<T>(path: string, signal: AbortSignal): Promise<T[]> {
  const items: T[] = [];
  let next: string | null = null;
  do {
    const cursor: string = next === null ? '' : `?cursor=${encodeURIComponent(next)}`;
    const page: PageOf<T> = await callApi<PageOf<T>>(path + cursor, { signal });
    items.push(...page.items);
    next = page.next;
  } while (next !== null);
  return items;
}
