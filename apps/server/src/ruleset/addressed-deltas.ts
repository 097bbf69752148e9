/**
 * Deltas of one view that have an address, because they are too large for a socket or because somebody asked. A delta can be
 * rendered only while the revision that it leads to is the newest, and its readers come for it later: it is kept across
 * revisions, in a bounded number of bytes.
 */
import { deltaPath } from '@yardarm/sync';
import { type PreparedAnswer, prepareAnswer } from './prepared-answer.ts';

export interface DeltaPosition {
  readonly epoch: string;
  readonly from: number;
  readonly to: number;
}

export interface AddressedDeltas {
  readonly find: (position: DeltaPosition) => PreparedAnswer | undefined;
  /** Keeps a delta, once; those that were not asked for the longest make room for it. */
  readonly keep: (position: DeltaPosition, text: Buffer) => PreparedAnswer;
}

/** A reader that finds its delta gone fetches the rule set: this many cover the readers of a few revisions in a row. */
const MAX_DELTAS = 8;
/** The hard limit of a rule set: one delta of everything always fits. */
const MAX_BYTES = 16 * 1024 * 1024;

/** @param headers of every answer, names and values in turn */
export function createAddressedDeltas(headers: readonly string[]): AddressedDeltas {
  /** In order of their last use. */
  const kept = new Map<string, { readonly answer: PreparedAnswer; readonly bytes: number }>();
  let totalBytes = 0;

  function drop(path: string): void {
    totalBytes -= kept.get(path)?.bytes ?? 0;
    kept.delete(path);
  }

  return {
    find: ({ epoch, from, to }) => {
      const path = deltaPath(epoch, from, to);
      const found = kept.get(path);
      if (found === undefined) return undefined;
      kept.delete(path);
      kept.set(path, found);
      return found.answer;
    },
    keep: ({ epoch, from, to }, text) => {
      const path = deltaPath(epoch, from, to);
      const answer = prepareAnswer({ etag: `"${epoch}.${from}..${to}"`, headers, render: () => text });
      drop(path);
      kept.set(path, { answer, bytes: text.length });
      totalBytes += text.length;
      for (const oldest of kept.keys()) {
        if (kept.size === 1 || (kept.size <= MAX_DELTAS && totalBytes <= MAX_BYTES)) break;
        drop(oldest);
      }
      return answer;
    },
  };
}
