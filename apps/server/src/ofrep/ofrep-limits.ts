/** How many evaluations each key may ask for: client keys are public, and whoever has one could keep this server busy for everybody. */
import { type Admission, createAdmission } from '../delivery/admission.ts';
import type { SdkKey } from '../delivery/sdk-keys.ts';

/** Requests a second of one client key at one server; a server key, which is somebody's secret, has as many times more. */
export const DEFAULT_OFREP_PER_SECOND = 1_000;
const SERVER_KEY_TIMES = 20;

export interface OfrepLimits {
  /** Whole seconds to stay away, or null. `nowMs` is of any clock. */
  ask(key: Pick<SdkKey, 'id' | 'kind'>, nowMs: number): number | null;
}

export function createOfrepLimits(perSecond: number): OfrepLimits {
  /** As many as there are keys that work, or worked since the start. */
  const byKey = new Map<string, Admission>();
  return {
    ask: ({ id, kind }, nowMs) => {
      let admission = byKey.get(id);
      if (admission === undefined) {
        const rate = kind === 'server' ? perSecond * SERVER_KEY_TIMES : perSecond;
        admission = createAdmission({ perSecond: rate, burst: rate });
        byKey.set(id, admission);
      }
      return admission.ask(nowMs);
    },
  };
}
