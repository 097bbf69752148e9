import {
  type EvaluationContext,
  type EventDetails,
  type JsonValue,
  OpenFeatureEventEmitter,
  type Provider,
  ProviderEvents,
  type ResolutionDetails,
  type TrackingEventDetails,
} from '@openfeature/web-sdk';
import type { FlagType } from '@yardarm/evaluator';
import { createProviderCore, NO_POSITION, type ProviderCore, type ProviderNotice, storeOfRuleSet } from '@yardarm/sync';
import { toChecked, type YardarmWebOptions } from './options.ts';
import { browserRuntime, browserTransport } from './platform.ts';
import { randomName } from './random-name.ts';
import { snapshotsFor } from './snapshot-item.ts';
import { watchPage } from './watch-page.ts';

const EVENTS = {
  ready: ProviderEvents.Ready,
  stale: ProviderEvents.Stale,
  error: ProviderEvents.Error,
  changed: ProviderEvents.ConfigurationChanged,
} as const;

/** What the provider calls itself towards the server. */
export const SDK = '@yardarm/sdk-browser/0.1.0';

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
  readonly #isReadyAtOnce: boolean;
  readonly #onTrack: YardarmWebOptions['onTrack'];
  #unwatch = () => {};

  constructor(options: YardarmWebOptions) {
    const checked = toChecked(options);
    const bootstrap = storeOfRuleSet(options.bootstrap, NO_POSITION);
    this.#isReadyAtOnce = bootstrap !== null;
    this.#onTrack = options.onTrack;
    this.#core = createProviderCore({
      options: checked,
      sdk: SDK,
      newInstance: randomName,
      transport: browserTransport(checked),
      runtime: browserRuntime,
      correctClock: true,
      snapshots: options.snapshot === false ? null : snapshotsFor(checked.key),
      bootstrap,
      emit: (notice) => this.#emit(notice),
    });
  }

  /** Rejects after `initializeTimeoutMs` without a rule set; attempts go on, and READY follows the first one. */
  initialize(): Promise<void> {
    const initialized = this.#core.initialize();
    this.#unwatch();
    this.#unwatch = watchPage(this.#core);
    // Heard by OpenFeature's own bookkeeping alone at this point, so that the first rendering after `setProvider` finds READY,
    // instead of code defaults; handlers get their one event from the promise.
    if (this.#isReadyAtOnce) this.events.emit(ProviderEvents.Ready);
    return initialized;
  }

  /** Ends the connection and every timer at once. The last counts are sent, and not waited for. */
  async onClose(): Promise<void> {
    this.#unwatch();
    void this.#core.close();
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

  /** Handed to the option `onTrack`. */
  track(name: string, context: EvaluationContext, details: TrackingEventDetails): void {
    this.#onTrack?.(name, context, details);
  }

  #resolve<T>(type: FlagType, flagKey: string, defaultValue: T, context: EvaluationContext): ResolutionDetails<T> {
    // Error codes are an enum in OpenFeature, whose members are these texts.
    return this.#core.evaluate(type, flagKey, defaultValue, context) as ResolutionDetails<T>;
  }

  #emit({ type, ...details }: ProviderNotice): void {
    const error = type === 'error' ? { errorCode: 'GENERAL' } : {};
    this.events.emit(EVENTS[type], { ...details, ...error } as EventDetails);
  }
}
