/** Flags that are selected in the list. Pure: the list gives the order in which it shows them. */

export interface Selection {
  readonly keys: ReadonlySet<string>;
  /** From which the next range reaches; null: the last choice was of no single flag. */
  readonly anchor: string | null;
}

export const NOTHING_SELECTED: Selection = { keys: new Set(), anchor: null };

export function toggled({ keys }: Selection, key: string): Selection {
  const next = new Set(keys);
  if (!next.delete(key)) next.add(key);
  return { keys: next, anchor: key };
}

/** Everything from the anchor to `key` as well, in the order of `shown`; without an anchor that is shown, `key` alone. */
export function extendedTo(selection: Selection, shown: readonly string[], key: string): Selection {
  const [from, to] = [shown.indexOf(selection.anchor ?? key), shown.indexOf(key)];
  const [first, last] = from < 0 ? [to, to] : [Math.min(from, to), Math.max(from, to)];
  return { keys: new Set([...selection.keys, ...shown.slice(first, last + 1)]), anchor: key };
}

/** All that is shown; where all of it is selected already, none of it. What is not shown stays as it is. */
export function allToggled({ keys }: Selection, shown: readonly string[]): Selection {
  const whole = shown.every((key) => keys.has(key));
  const next = new Set(keys);
  for (const key of shown) {
    if (whole) next.delete(key);
    else next.add(key);
  }
  return { keys: next, anchor: null };
}

/** Those of it that `shown` has, and no other. */
export function onlyOf(selection: Selection, shown: readonly { readonly key: string }[]): Selection {
  return { keys: new Set(selectedOf(selection, shown).map(({ key }) => key)), anchor: null };
}

/** Those of `selection` that `flags` still has, in their order: another person may have archived one. */
export function selectedOf<F extends { readonly key: string }>({ keys }: Selection, flags: readonly F[]): readonly F[] {
  return keys.size === 0 ? [] : flags.filter(({ key }) => keys.has(key));
}
