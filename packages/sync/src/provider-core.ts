/**
 * What the providers of all platforms share: one client per initialisation, its notices as OpenFeature events,
 * answers from what it holds. OpenFeature itself announces READY or ERROR from the promise of `initialize`, so
 * nothing is emitted for what that promise says.
 */
import type { EvaluationContext, FlagType } from '@yardarm/evaluator';
import { type Runtime, type SyncClient, startClient, type Transport } from './client.ts';
import { type Details, evaluate } from './details.ts';
import type { CheckedOptions } from './options.ts';
import type { Store } from './store.ts';

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
  /** What to start from instead, READY at once: a rule set that a server gave just now. */
  readonly bootstrap?: Store | null;
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
  close(): void;
  evaluate<Value>(type: FlagType, flagKey: string, codeDefault: Value, context: EvaluationContext): Details<Value>;
  /** What should be announced again after something else claimed readiness; undefined while all is well. */
  trouble(): ProviderNotice | undefined;
}

export function createProviderCore({ options, emit, ...rest }: ProviderDependencies): ProviderCore {
  const { app, initializeTimeoutMs } = options;
  let client: SyncClient | undefined;
  let abandon = () => {};

  function initialize(): Promise<void> {
    close();
    return new Promise((resolve, reject) => {
      let settled = false;
      const settle = (act: () => void) => {
        if (!settled) act();
        settled = true;
      };
      abandon = () => settle(() => reject(new Error('Yardarm: the provider was closed before a rule set arrived.')));
      client = startClient({
        config: { sdk: rest.sdk, app, instance: rest.newInstance(), initializeTimeoutMs },
        transport: rest.transport,
        runtime: rest.runtime,
        correctClock: rest.correctClock,
        kept: rest.bootstrap ?? rest.snapshots?.load() ?? null,
        isFresh: rest.bootstrap != null,
        onStore: (store) => quietly(() => rest.snapshots?.save(store)),
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

  function close(): void {
    client?.stop();
    client = undefined;
    abandon();
    abandon = () => {};
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
    evaluate: (type, flagKey, codeDefault, context) =>
      evaluate(client?.store() ?? null, { flagKey, type, codeDefault, context }, client?.evaluationMs() ?? 0),
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
