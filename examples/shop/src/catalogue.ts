/** What the shop sells: signal flags, with the message that each one sends at sea. */
import { SEARCH_DEFAULTS } from './flags.ts';

export interface Product {
  readonly id: string;
  readonly name: string;
  readonly message: string;
  readonly priceCents: number;
}

export const CATALOGUE: readonly Product[] = [
  { id: 'bravo', name: 'Bravo', message: 'I am carrying dangerous goods', priceCents: 2400 },
  { id: 'charlie', name: 'Charlie', message: 'Affirmative', priceCents: 2200 },
  { id: 'delta', name: 'Delta', message: 'Keep clear of me', priceCents: 2200 },
  { id: 'foxtrot', name: 'Foxtrot', message: 'I am disabled; communicate with me', priceCents: 2600 },
  { id: 'hotel', name: 'Hotel', message: 'I have a pilot on board', priceCents: 1900 },
  { id: 'juliett', name: 'Juliett', message: 'I am on fire', priceCents: 2200 },
  { id: 'kilo', name: 'Kilo', message: 'I wish to communicate with you', priceCents: 1900 },
  { id: 'lima', name: 'Lima', message: 'You should stop at once', priceCents: 2400 },
  { id: 'oscar', name: 'Oscar', message: 'Man overboard', priceCents: 2400 },
  { id: 'papa', name: 'Papa', message: 'All aboard, we are about to sail', priceCents: 2200 },
  { id: 'uniform', name: 'Uniform', message: 'You are running into danger', priceCents: 2400 },
  { id: 'victor', name: 'Victor', message: 'I require assistance', priceCents: 2600 },
  { id: 'whiskey', name: 'Whiskey', message: 'I require medical assistance', priceCents: 2400 },
  { id: 'xray', name: 'X-ray', message: 'Stop carrying out your intentions', priceCents: 2400 },
];

/** The object flag `search-config`, read by members: what is missing or of another type keeps its default. */
export interface SearchConfig {
  readonly maxResults: number;
  /** Also finds names and messages that contain the letters in order, with gaps. */
  readonly fuzzy: boolean;
}

export function toSearchConfig(value: unknown): SearchConfig {
  const { maxResults, fuzzy } = typeof value === 'object' && value !== null ? (value as Partial<SearchConfig>) : {};
  return {
    maxResults: Number.isInteger(maxResults) && Number(maxResults) > 0 ? Number(maxResults) : SEARCH_DEFAULTS.maxResults,
    fuzzy: typeof fuzzy === 'boolean' ? fuzzy : SEARCH_DEFAULTS.fuzzy,
  };
}

/** Products whose name or message contains `text`, ignoring case; at most `maxResults`, exact hits first. */
export function searchCatalogue(text: string, { maxResults, fuzzy }: SearchConfig): readonly Product[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  const haystack = (product: Product) => `${product.name} ${product.message}`.toLowerCase();
  const exact = CATALOGUE.filter((product) => haystack(product).includes(wanted));
  const loose = fuzzy ? CATALOGUE.filter((product) => !exact.includes(product) && hasInOrder(haystack(product), wanted)) : [];
  return [...exact, ...loose].slice(0, maxResults);
}

function hasInOrder(text: string, letters: string): boolean {
  let from = 0;
  for (const letter of letters) {
    from = text.indexOf(letter, from) + 1;
    if (from === 0) return false;
  }
  return true;
}
