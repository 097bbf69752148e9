/** Saved views and the filters of a page. Pure. */
import type { SavedView } from '@yardarm/contract';

type Filter = Readonly<Record<string, string | undefined>>;

/** The view whose filters are exactly those that are set now; undefined: none. */
export function currentView(views: readonly SavedView[], filter: Filter): SavedView | undefined {
  const now = toSaved(filter);
  const names = Object.keys(now);
  return views.find(
    (view) => Object.keys(view.filter).length === names.length && names.every((name) => view.filter[name] === now[name]),
  );
}

/** What is kept of the filters: those that are set. */
export function toSaved(filter: Filter): Record<string, string> {
  return Object.fromEntries(Object.entries(filter).filter((entry): entry is [string, string] => !!entry[1]));
}
