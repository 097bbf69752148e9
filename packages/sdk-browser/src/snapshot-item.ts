/**
 * Keeps what the provider holds in the local storage, so that the next page needs no server to start. An item is replaced as
 * a whole; what cannot be read counts as none. Where the browser keeps nothing, or has no room, only the snapshot is lost.
 */
import { readSnapshot, type Snapshots, type Store, snapshotLines, textSum } from '@yardarm/sync';

/** Writing half a megabyte holds the page up for some milliseconds: not for each of many edits. */
const WRITE_EVERY_MS = 1_000;
/** Before the text stands its sum. */
const SUM_UNITS = 16;

export function snapshotsFor(key: string): Snapshots {
  // A client key is public, and names the environment that the item is of.
  const item = `yardarm ${key}`;
  let waiting: Store | undefined;

  function write(): void {
    try {
      const text = [...snapshotLines(waiting as Store, key)].join('\n');
      localStorage.setItem(item, textSum(text) + text);
    } catch {}
    waiting = undefined;
  }

  return {
    load: () => {
      try {
        const kept = localStorage.getItem(item) ?? '';
        const text = kept.slice(SUM_UNITS);
        return kept.startsWith(textSum(text)) ? readSnapshot(text, key) : null;
      } catch {
        return null;
      }
    },
    save: (store) => {
      if (waiting === undefined) setTimeout(write, WRITE_EVERY_MS);
      waiting = store;
    },
  };
}
