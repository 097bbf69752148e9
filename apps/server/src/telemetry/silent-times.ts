/**
 * For how long instances that report nothing were connected, all their connections together: one whose stream is cut each few minutes is
 * as silent as one whose stream is not. Bounded, in memory. Knows neither clock nor network.
 */
import { identityOf, type Reader } from './coverage.ts';

/** Whoever is away for longer comes as a new one. */
const REMEMBERED_MS = 3_600_000;
/** Of more those that were not seen the longest are forgotten. */
const MAX_REMEMBERED = 20_000;

export interface SilentTimes {
  /** It is connected and does not report. Answers it as if it had been connected without a break for as long as it was in all. */
  note(reader: Reader, nowMs: number): Reader;
  /** It reports. */
  forget(identity: string): void;
  /** Call it before each look at all that are connected: whoever moves behind the others leaves a gap, over which this goes. */
  dropOld(nowMs: number): void;
}

export function createSilentTimes(): SilentTimes {
  /** By identity; in order of being seen. */
  const times = new Map<string, { readonly connectedForMs: number; readonly seenAtMs: number }>();
  return {
    note: (reader, nowMs) => {
      const identity = identityOf(reader);
      const before = times.get(identity);
      const sinceMs = Math.max(reader.connectedAtMs, before?.seenAtMs ?? 0);
      const connectedForMs = (before?.connectedForMs ?? 0) + Math.max(0, nowMs - sinceMs);
      times.delete(identity);
      times.set(identity, { connectedForMs, seenAtMs: nowMs });
      return { ...reader, connectedAtMs: nowMs - connectedForMs };
    },
    forget: (identity) => {
      times.delete(identity);
    },
    dropOld: (nowMs) => {
      for (const [identity, { seenAtMs }] of times) {
        if (nowMs - seenAtMs <= REMEMBERED_MS && times.size <= MAX_REMEMBERED) break;
        times.delete(identity);
      }
    },
  };
}
