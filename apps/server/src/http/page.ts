/** Cursor pages of lists. */
import { z } from 'zod';
import { AppError } from '../errors.ts';

export const MAX_PAGE = 200;

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

/**
 * A page of a list that is read whole, since an instance has few of these. Throws `validation_failed` where the item that the
 * cursor names is gone.
 */
export function cutPage<Item>(
  all: readonly Item[],
  { limit, cursor }: z.infer<typeof pageQuery>,
  idOf: (item: Item) => string,
): { items: Item[]; next: string | null } {
  const last = cursor === undefined ? -1 : all.findIndex((item) => idOf(item) === cursor);
  if (cursor !== undefined && last === -1) {
    const message = `This cursor names nothing that the list still has; take 'next' of the page before, or begin without one.`;
    throw new AppError('validation_failed', message, { details: [{ path: 'query.cursor', message }] });
  }
  const items = all.slice(last + 1, last + 1 + limit);
  const end = items.at(-1);
  return { items, next: end !== undefined && last + 1 + limit < all.length ? idOf(end) : null };
}

const cursorParts = z.tuple([z.string(), z.string().max(300), z.string().max(128)]);

/** A cursor of a list that can be ordered in several ways: opaque to callers, and good for its order only. */
export function encodeCursor(sort: string, { value, key }: { readonly value: string; readonly key: string }): string {
  return Buffer.from(JSON.stringify([sort, value, key])).toString('base64url');
}

/** Throws `validation_failed`. */
export function decodeCursor(cursor: string, sort: string): { readonly value: string; readonly key: string } {
  const parts = cursorParts.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString()));
  if (parts.success && parts.data[0] === sort) return { value: parts.data[1], key: parts.data[2] };
  const message = `This cursor is not of a list ordered by ${sort}; take 'next' of the page before, or begin without one.`;
  throw new AppError('validation_failed', message, { details: [{ path: 'query.cursor', message }] });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
