/** The search box. The server searches, and the object flag `search-config` tells it how. */
import type { Product, SearchConfig } from '../catalogue.ts';
import { element, part } from './dom.ts';
import { productLine } from './draw-shop.ts';

/** @returns `refresh`, to be called when the server's flags may have changed */
export function connectSearch(input: HTMLInputElement, visitor: () => Record<string, string>): { refresh: () => Promise<void> } {
  let newest = 0;

  async function refresh(): Promise<void> {
    newest += 1;
    const request = newest;
    const query = new URLSearchParams({ ...visitor(), q: input.value });
    const response = await fetch(`/api/search?${query}`).catch(() => null);
    // An answer that arrives after a newer question is out of date.
    if (response === null || !response.ok || request !== newest) return;
    const { config, products } = (await response.json()) as { config: SearchConfig; products: readonly Product[] };
    part('search-config').textContent =
      `At most ${config.maxResults} results, ${config.fuzzy ? 'forgiving of gaps' : 'exact words'}: decided by search-config on the server.`;
    const nothing = input.value.trim() === '' ? [] : [element('li', { className: 'absent', textContent: 'No flag says that.' })];
    part('search-hits').replaceChildren(...(products.length > 0 ? products.map(productLine) : nothing));
  }

  input.addEventListener('input', () => void refresh());
  input.form?.addEventListener('submit', (event) => event.preventDefault());
  return { refresh };
}
