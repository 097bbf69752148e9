/** How many evaluations each key may ask for: client keys are public, and whoever has one could keep this server busy for everybody. */
import { type Admission, createAdmission } from '../delivery/admission.ts';
import type { SdkKey } from '../delivery/sdk-keys.ts';

/** Requests a second of one client key at one server; a server key, which is somebody's secret, has as many times more. */
export const DEFAULT_OFREP_PER_SECOND = 1_000;
const SERVER_KEY_TIMES = 20;
/**
 * Flags of a bulk evaluation that count as one request: they take about as long. All of 5 000 flags, with three rules and a split each, take
 * some 30 ms of this server, of which nothing else gets its turn.
 */
const FLAGS_PER_REQUEST = 50;

export interface OfrepLimits {
  /** Whole seconds to stay away, or null. `nowMs` is of any clock; `flags` are those to evaluate. */
  ask(key: Pick<SdkKey, 'id' | 'kind'>, nowMs: number, flags: number): number | null;
}

export function createOfrepLimits(perSecond: number): OfrepLimits {
  /** As many as there are keys that work, or worked since the start. */
  const byKey = new Map<string, Admission>();
  return {
    ask: ({ id, kind }, nowMs, flags) => {
      let admission = byKey.get(id);
      if (admission === undefined) {
        const rate = kind === 'server' ? perSecond * SERVER_KEY_TIMES : perSecond;
        admission = createAdmission({ perSecond: rate, burst: rate });
        byKey.set(id, admission);
      }
      return admission.ask(nowMs, Math.max(1, flags / FLAGS_PER_REQUEST));
    },
  };
}
