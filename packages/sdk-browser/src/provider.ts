import {
  type EvaluationContext,
  type JsonValue,
  OpenFeatureEventEmitter,
  type Provider,
  ProviderEvents,
  type ResolutionDetails,
} from '@openfeature/web-sdk';
import type { FlagType } from '@yardarm/evaluator';
import { type CommonOptions, checkOptions, createProviderCore, type ProviderCore, type ProviderNotice } from '@yardarm/sync';
import { browserRuntime, browserTransport } from './platform.ts';

/** What the provider calls itself towards the server. */
export const SDK = '@yardarm/sdk-browser/0.1.0';

export type YardarmWebOptions = CommonOptions;

/**
 * OpenFeature provider for browsers: holds the client view of one environment, follows its changes and evaluates
 * in the page, synchronously. Construction throws a TypeError with one sentence when an option is wrong; after
 * that nothing throws, and without a server every flag answers its code default.
 */
export class YardarmWebProvider implements Provider {
  readonly metadata = { name: 'yardarm' } as const;
  readonly runsOn = 'client' as const;
  readonly events = new OpenFeatureEventEmitter();
  readonly #core: ProviderCore;

  constructor(options: YardarmWebOptions) {
    const checked = checkOptions(options, { serverKeys: false });
    this.#core = createProviderCore({
      options: checked,
      sdk: SDK,
      newInstance,
      transport: browserTransport(checked),
      runtime: browserRuntime,
      correctClock: true,
      snapshots: null,
      emit: (notice) => this.#emit(notice),
    });
  }

  /** Rejects after `initializeTimeoutMs` without a rule set; attempts go on, and READY follows the first one. */
  initialize(): Promise<void> {
    return this.#core.initialize();
  }

  /** Ends the connection and every timer. */
  async onClose(): Promise<void> {
    this.#core.close();
  }

  /**
   * Nothing to fetch: the new context is evaluated locally. Answers no promise, which would flicker through
   * RECONCILING. OpenFeature takes its return for readiness, so that trouble has to be announced again after it.
   */
  onContextChange(): void {
    const trouble = this.#core.trouble();
    if (trouble !== undefined) queueMicrotask(() => this.#emit(trouble));
  }

  resolveBooleanEvaluation(flagKey: string, defaultValue: boolean, context: EvaluationContext) {
    return this.#resolve('boolean', flagKey, defaultValue, context);
  }

  resolveStringEvaluation(flagKey: string, defaultValue: string, context: EvaluationContext) {
    return this.#resolve('string', flagKey, defaultValue, context);
  }

  resolveNumberEvaluation(flagKey: string, defaultValue: number, context: EvaluationContext) {
    return this.#resolve('number', flagKey, defaultValue, context);
  }

  resolveObjectEvaluation<T extends JsonValue>(flagKey: string, defaultValue: T, context: EvaluationContext) {
    return this.#resolve('object', flagKey, defaultValue, context);
  }

  #resolve<T>(type: FlagType, flagKey: string, defaultValue: T, context: EvaluationContext): ResolutionDetails<T> {
    // Error codes are an enum in OpenFeature, whose members are these texts.
    return this.#core.evaluate(type, flagKey, defaultValue, context) as ResolutionDetails<T>;
  }

  #emit(notice: ProviderNotice): void {
    switch (notice.type) {
      case 'ready':
        this.events.emit(ProviderEvents.Ready);
        return;
      case 'stale':
        this.events.emit(ProviderEvents.Stale, { message: notice.message });
        return;
      case 'error':
        this.events.emit(ProviderEvents.Error, { message: notice.message });
        return;
      case 'changed':
        this.events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged: [...notice.flagsChanged] });
    }
  }
}

/** `crypto.randomUUID` exists only on secure pages; a page on plain http is an instance like any other. */
function newInstance(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) => word.toString(16).padStart(8, '0')).join('');
}
