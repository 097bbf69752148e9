/**
 * How much telemetry is taken: its own budget, so that no flood of it delays rules. Asked before anything is read. A request costs by
 * its bytes; each key has a share, so has each kind of key, since client keys are public, and so have keys that are not known. Pure.
 */
import { type Admission, createAdmission } from '../delivery/admission.ts';
import type { SdkKey } from '../delivery/sdk-keys.ts';

/** One unit: a report of about a hundred counts. It takes 2 ms of processor from socket to row on a busy machine (`npm run bench:telemetry`). */
const UNIT_BYTES = 16 * 1024;
/** Instances report once a minute: of one key 18 000, of one kind 36 000. */
const PER_SECOND = { key: 300, server: 600, client: 300, strangers: 20 } as const;
/** Of bodies that are arriving and of reports that wait to be written. In memory each byte takes about three. */
const MAX_BYTES = { server: 8 * 1024 * 1024, client: 4 * 1024 * 1024, strangers: 1024 * 1024 } as const;
/**
 * Of one key. A client key is public, and who sends slowly holds room for as long as a body may take: a quarter of its kind, one
 * largest body. A server key is somebody's secret.
 */
const MAX_KEY_BYTES = { server: MAX_BYTES.server, client: MAX_BYTES.client / 4 } as const;
/**
 * What a connection that sends without waiting costs its key. 512 of them came in turns of several hundred, each of which took up to
 * 0.44 s of processor within a second (measured); so they come about 27 in a second.
 */
const IMPATIENT_UNITS = 10;
const BUSY_RETRY_SECONDS = 5;

type Kind = keyof typeof MAX_BYTES;

/** What is under way: its bytes are given back at its end. */
export interface Taken {
  readonly release: () => void;
}

interface KeyShare {
  readonly admission: Admission;
  /** Bytes. */
  underWay: number;
}

export interface TelemetryBudget {
  /** Whole seconds to stay away where there is no room. `nowMs` is of any clock; it may step. */
  ask(key: Pick<SdkKey, 'id' | 'kind'> | null, bytes: number, nowMs: number): Taken | { readonly retryAfterSeconds: number };
  /** The key was used by somebody who sends without waiting for the answer: it gets less for a while. */
  charge(key: Pick<SdkKey, 'id' | 'kind'> | null): void;
  /** Bytes under way. */
  bytes(): number;
}

export function createTelemetryBudget(): TelemetryBudget {
  const kinds: Readonly<Record<Kind, Admission>> = {
    server: admission(PER_SECOND.server),
    client: admission(PER_SECOND.client),
    strangers: admission(PER_SECOND.strangers),
  };
  /** As many as there are keys that work, or worked since the start. */
  const keys = new Map<string, KeyShare>();
  const underWay: Record<Kind, number> = { server: 0, client: 0, strangers: 0 };

  function shareOf(id: string): KeyShare {
    const known = keys.get(id) ?? { admission: admission(PER_SECOND.key), underWay: 0 };
    keys.set(id, known);
    return known;
  }

  return {
    ask: (key, bytes, nowMs) => {
      const kind = key?.kind ?? 'strangers';
      const share = key && shareOf(key.id);
      const isFull = underWay[kind] + bytes > MAX_BYTES[kind];
      if (isFull || (key && share && share.underWay + bytes > MAX_KEY_BYTES[key.kind]))
        return { retryAfterSeconds: BUSY_RETRY_SECONDS };
      const units = 1 + Math.floor(bytes / UNIT_BYTES);
      const retryAfterSeconds = share?.admission.ask(nowMs, units) ?? kinds[kind].ask(nowMs, units);
      if (retryAfterSeconds !== null) return { retryAfterSeconds };
      underWay[kind] += bytes;
      if (share) share.underWay += bytes;
      let released = false;
      return {
        release: () => {
          if (released) return;
          released = true;
          underWay[kind] -= bytes;
          if (share) share.underWay -= bytes;
        },
      };
    },
    charge: (key) => (key === null ? kinds.strangers : shareOf(key.id).admission).charge(IMPATIENT_UNITS),
    bytes: () => underWay.server + underWay.client + underWay.strangers,
  };
}

/** A tenth of a second in one instant: 30 reports hold up what else there is for some 50 ms. */
function admission(perSecond: number): Admission {
  return createAdmission({ perSecond, burst: Math.ceil(perSecond / 10) });
}
