/** Cursor pages of lists that are ordered by key. */
import { z } from 'zod';

const MAX_PAGE = 1_000;

/** `cursor` is the `next` of the page before. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(MAX_PAGE),
  cursor: z.string().min(1).max(128).optional(),
});

/** What a list reads: one row more than it answers tells whether a next page exists. */
export function oneMore<Q extends { readonly limit: number }>(query: Q): Q {
  return { ...query, limit: query.limit + 1 };
}

/** `rows`: what a list read with `oneMore`. */
export function toPage<Row extends { readonly key: string }>(rows: readonly Row[], limit: number) {
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? (items.at(-1)?.key ?? null) : null };
}
