/**
 * What the providers of all platforms share: one client per initialisation, its notices as OpenFeature events,
 * answers from what it holds. OpenFeature itself announces READY or ERROR from the promise of `initialize`, so
 * nothing is emitted for what that promise says.
 */
import type { EvaluationContext, FlagType, resolve } from '@yardarm/evaluator';
import { type Runtime, type SyncClient, startClient, type Transport } from './client.ts';
import { type Details, decide, type FlagMetadata, metadataOf, type Outcome, toDetails } from './details.ts';
import type { SkippedRule, TelemetryBatch } from './messages.ts';
import type { CheckedOptions } from './options.ts';
import { hasPosition } from './position.ts';
import type { Store } from './store.ts';
import { startTelemetry, type Telemetry } from './telemetry.ts';
import { startSending, type TelemetrySender } from './telemetry-sender.ts';

export type ProviderNotice =
  | { readonly type: 'ready' }
  | { readonly type: 'stale'; readonly message: string }
  | { readonly type: 'error'; readonly message: string }
  | { readonly type: 'changed'; readonly flagsChanged: readonly string[] };

export interface ProviderDependencies {
  readonly options: CheckedOptions;
  /** Name and version of the library. */
  readonly sdk: string;
  /** A new identity for every running copy. */
  readonly newInstance: () => string;
  readonly transport: Transport;
  readonly runtime: Runtime;
  readonly correctClock: boolean;
  /** Keeps what is held for the next run; null: nothing is kept. None of it may throw. */
  readonly snapshots: Snapshots | null;
  /** What to start from instead, READY at once: a rule set that a server gave just now, without a position. */
  readonly bootstrap?: Store | null;
  /** Answers that take the place of the rules; must not throw. Undefined: the rules decide. */
  readonly override?: ((type: FlagType, flagKey: string) => Outcome | undefined) | undefined;
  /** Which rules an evaluation passed over for want of an attribute. Asked once per flag and batch of counts; must not throw. */
  readonly findSkipped?: ((...evaluation: Parameters<typeof resolve>) => readonly SkippedRule[]) | undefined;
  /** The one place where events leave. What it throws is not passed on. */
  emit(notice: ProviderNotice): void;
}

/** What a platform keeps across restarts. */
export interface Snapshots {
  load(): Store | null;
  /** Called often; keeps the newest of what it is given, when it gets to it. */
  save(store: Store): void;
}

export interface ProviderCore {
  /** Resolves with the first rule set, rejects after `initializeTimeoutMs`; attempts go on after that. */
  initialize(): Promise<void>;
  /** Passed on to the replica; nothing without one. */
  tell(what: 'suspended' | 'resumed'): void;
  /** Sends the counts so far, because there may be no later. */
  flush(): void;
  /**
   * Ends everything at once but the answers, which end when it resolves: when the counts so far have been sent or could not be, or
   * when `patience` does.
   */
  close(patience?: Promise<void>): Promise<void>;
  evaluate<Value>(type: FlagType, flagKey: string, codeDefault: Value, context: EvaluationContext): Details<Value>;
  /** The value alone, by the same rules and with the same counts, without allocating anything. Object values are frozen. */
  valueOf<Value>(type: FlagType, flagKey: string, codeDefault: Value, context: EvaluationContext): Value;
  /** What should be announced again after something else claimed readiness; undefined while all is well. */
  trouble(): ProviderNotice | undefined;
}

export function createProviderCore({ options, emit, override, findSkipped, ...rest }: ProviderDependencies): ProviderCore {
  const { app, initializeTimeoutMs } = options;
  let client: SyncClient | undefined;
  let telemetry: Telemetry | undefined;
  let sender: TelemetrySender | undefined;
  let abandon = () => {};
  /** What the client holds. */
  let store: Store | null = null;
  /** Of outcomes that belong to one flag. Making it anew would cost more than the evaluation. */
  const knownMetadata = new WeakMap<Outcome, FlagMetadata>();

  function initialize(): Promise<void> {
    void close();
    store = null;
    const instance = rest.newInstance();
    if (options.telemetry) {
      telemetry = startTelemetry(instance, rest.runtime.wallMs());
      const from = { sdk: rest.sdk, app };
      const send = (batch: TelemetryBatch) => rest.transport.sendTelemetry({ ...batch, ...from, sentAt: rest.runtime.wallMs() });
      sender = startSending(telemetry, send, rest.runtime);
    }
    return new Promise((resolve, reject) => {
      let settled = false;
      const settle = (act: () => void) => {
        if (!settled) act();
        settled = true;
      };
      abandon = () => settle(() => reject(new Error('Yardarm: the provider was closed before a rule set arrived.')));
      client = startClient({
        config: { sdk: rest.sdk, app, instance, initializeTimeoutMs },
        transport: rest.transport,
        runtime: rest.runtime,
        correctClock: rest.correctClock,
        kept: rest.bootstrap ?? rest.snapshots?.load() ?? null,
        isFresh: rest.bootstrap != null,
        onStore: (held) => {
          store = held;
          // Of another environment, it would be kept as this key's.
          if (hasPosition(held.state)) quietly(() => rest.snapshots?.save(held));
        },
        notify: (notice) => {
          if (notice.type === 'ready' && !settled) settle(resolve);
          else if (notice.type === 'failed' && !settled) settle(() => reject(new Error(`Yardarm: ${notice.problem}`)));
          else if (notice.type === 'stale') announceStale(notice.problem);
          else if (notice.type === 'failed') announce({ type: 'error', message: notice.problem });
          else announce(notice);
        },
      });
    });
  }

  async function close(patience?: Promise<void>): Promise<void> {
    const [closed, finished] = [client, sender?.finish()];
    client?.stop();
    telemetry = undefined;
    sender = undefined;
    abandon();
    abandon = () => {};
    await Promise.race([finished, patience]);
    // Not before: requests that the application still answers get what they got.
    if (client !== closed) return;
    client = undefined;
    store = null;
  }

  function answer(type: FlagType, flagKey: string, codeDefault: unknown, context: EvaluationContext): Outcome {
    const nowMs = client === undefined ? 0 : client.evaluationMs();
    const overridden = override?.(type, flagKey);
    const outcome = overridden ?? decide(store, type, flagKey, context, nowMs);
    const isFirst = telemetry?.count(flagKey, outcome, codeDefault);
    if (isFirst && findSkipped !== undefined && store !== null && overridden === undefined) {
      telemetry?.skip(findSkipped(store.rules, flagKey, type, context, nowMs));
    }
    return outcome;
  }

  function describeFlag(flagKey: string, outcome: Outcome): FlagMetadata {
    const staleForMs = client?.staleForMs();
    let metadata = knownMetadata.get(outcome);
    if (metadata === undefined) {
      metadata = metadataOf(store, flagKey, outcome);
      // Errors and overrides are shared by flags.
      if (outcome.variant !== undefined) knownMetadata.set(outcome, metadata);
    }
    return staleForMs === undefined ? metadata : { ...metadata, staleForMs };
  }

  /** OpenFeature takes a settled initialisation for readiness, and would by that overwrite what was announced in the same turn. */
  function announceStale(message: string): void {
    const started = client;
    rest.runtime.startTimer(() => {
      if (client === started && client?.health() === 'stale') announce({ type: 'stale', message });
    }, 0);
  }

  function announce(notice: ProviderNotice): void {
    quietly(() => emit(notice));
  }

  return {
    initialize,
    close,
    tell: (what) => client?.tell(what),
    flush: () => sender?.flush(),
    evaluate: (type, flagKey, codeDefault, context) => {
      const outcome = answer(type, flagKey, codeDefault, context);
      return toDetails(outcome, { type, flagKey, codeDefault }, describeFlag(flagKey, outcome));
    },
    valueOf: <Value>(type: FlagType, flagKey: string, codeDefault: Value, context: EvaluationContext) => {
      const { value } = answer(type, flagKey, codeDefault, context);
      return value === undefined ? codeDefault : (value as Value);
    },
    trouble: () => {
      const health = client?.health();
      if (health === 'stale') return { type: 'stale', message: 'The server cannot be reached; answers may be out of date.' };
      return health === 'error' ? { type: 'error', message: 'The server cannot be reached.' } : undefined;
    },
  };
}

/** What fails outside, a listener of the application say, must not stop the replica, and is not ours to report. */
function quietly(act: () => void): void {
  try {
    act();
  } catch {}
}
