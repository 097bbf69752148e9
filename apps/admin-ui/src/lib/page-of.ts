import { callApi } from './api-client.ts';

/** A page of a list, and the cursor of the next (null on the last). */
export interface PageOf<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** As many as a list answers at once. */
const PAGE = 200;

/** The pages of a list, one after the other. `path` may have a query. */
export async function* pagesOf<T>(path: string, signal: AbortSignal): AsyncGenerator<PageOf<T>> {
  let next: string | null = null;
  do {
    const cursor: string = next === null ? '' : `&cursor=${encodeURIComponent(next)}`;
    const page: PageOf<T> = await callApi<PageOf<T>>(`${path}${path.includes('?') ? '&' : '?'}limit=${PAGE}${cursor}`, {
      signal,
    });
    yield page;
    next = page.next;
  } while (next !== null);
}

/** Every item of a list that the API answers in pages. `onSome` gets those that have come, while more are to come. */
export async function listAll<T>(path: string, signal: AbortSignal, onSome?: (items: readonly T[]) => void): Promise<T[]> {
  const items: T[] = [];
  for await (const page of pagesOf<T>(path, signal)) {
    items.push(...page.items);
    if (page.next !== null) onSome?.([...items]);
  }
  return items;
}
