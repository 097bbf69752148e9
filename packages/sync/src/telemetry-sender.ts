/** Sends batches of counts, about one a minute, and again until the server has them. One request at a time. */
import { pollDelayMs } from './backoff.ts';
import type { Runtime } from './client.ts';
import type { TelemetryBatch } from './messages.ts';
import type { Telemetry } from './telemetry.ts';

/** What became of a batch: the server has it, will never take it, or is to be asked again, at the earliest after a while. */
export type TelemetryOutcome =
  | { readonly kind: 'taken' | 'refused' }
  | { readonly kind: 'later'; readonly retryAfterMs: number | null };

export interface TelemetrySender {
  /** Sends what there is, as far as the server takes it, and nothing after that. */
  finish(): Promise<void>;
  /** Sends what there is before its time, unless the server named one: there may be no other. */
  flush(): void;
}

const EVERY_MS = 60_000;
/** Counting goes on while a server is away; asking it becomes rarer. */
const MAX_EVERY_MS = 5 * 60_000;

/** `send` never rejects and answers within bounded time. */
export function startSending(
  telemetry: Telemetry,
  send: (batch: TelemetryBatch) => Promise<TelemetryOutcome>,
  runtime: Runtime,
): TelemetrySender {
  let everyMs = EVERY_MS;
  let isFinished = false;
  let cancel = () => {};
  let sending: Promise<void> | undefined;
  /** Asked for while a batch was on its way; a second one may not overtake it. */
  let isWanted = false;
  /** The instant that the server named. */
  let heldUntilMs = 0;

  /** Answers how long to wait before asking again. */
  async function sendAll(): Promise<number> {
    do {
      isWanted = false;
      const batch = telemetry.batch(runtime.wallMs());
      if (batch === null) break;
      const outcome = await send(batch);
      if (outcome.kind === 'later') {
        everyMs = Math.min(everyMs * 2, MAX_EVERY_MS);
        const heldMs = outcome.retryAfterMs ?? 0;
        heldUntilMs = runtime.nowMs() + heldMs;
        return Math.max(delayMs(), heldMs);
      }
      if (outcome.kind === 'taken') telemetry.acknowledge(batch.seq);
      else telemetry.refuse(batch.seq);
      // What a full batch left behind, or the host asked for: what was counted meanwhile is of the next minute.
    } while (telemetry.isMore() || isWanted);
    everyMs = EVERY_MS;
    return delayMs();
  }

  /** A fleet that started together does not report together. */
  function delayMs(): number {
    return pollDelayMs(everyMs, runtime.random());
  }

  function arm(nextMs: number): void {
    cancel = runtime.startTimer(start, nextMs);
  }

  function flush(): void {
    isWanted = true;
    if (sending === undefined && runtime.nowMs() >= heldUntilMs) start();
  }

  function start(): void {
    cancel();
    sending = sendAll().then((nextMs) => {
      sending = undefined;
      if (!isFinished) arm(nextMs);
    });
  }

  arm(delayMs());
  return {
    flush,
    finish: async () => {
      isFinished = true;
      cancel();
      await sending;
      await sendAll();
    },
  };
}
