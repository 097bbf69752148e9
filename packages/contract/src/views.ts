/** Saved views: filters of a page under a name. They change nothing that anybody is served, and are in no history. */
import { z } from 'zod';

const MAX_FILTERS = 20;
/** Characters of one: columns that are left out of the list name their environments. */
const MAX_FILTER = 2_000;

/** Search parameters of the page's address. What a page does not know it ignores, so that a view outlives its filters. */
const viewFilter = z
  .record(z.string().min(1).max(40), z.string().max(MAX_FILTER))
  .refine((filter) => Object.keys(filter).length <= MAX_FILTERS, `A view has at most ${MAX_FILTERS} filters.`);
const viewName = z.string().trim().min(1).max(80);

/** Under a name that is taken it takes that view's place. */
export const saveViewInput = z.strictObject({
  name: viewName,
  /** For everybody who sees the project; otherwise for whoever saves it. */
  shared: z.boolean().default(false),
  filter: viewFilter,
});
export type SaveViewInput = z.input<typeof saveViewInput>;

export const savedView = z
  .object({ id: z.uuid(), name: viewName, shared: z.boolean(), filter: viewFilter, savedAt: z.iso.datetime() })
  .meta({ id: 'SavedView' });
export type SavedView = z.infer<typeof savedView>;

/** One event named `views` of `GET /projects/{project}/stream`: those that are shared are others now. */
export interface ViewsEvent {
  readonly kind: 'views';
}

/** Those that are shared and one's own, in order of name. */
export const savedViews = z.object({ items: z.array(savedView) }).meta({ id: 'SavedViews' });
export type SavedViews = z.infer<typeof savedViews>;
