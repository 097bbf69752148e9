/**
 * What every provider of this package is, wherever its rules come from: OpenFeature's resolvers, and beside them calls that
 * answer at once, without OpenFeature's hooks and its global context. Same rules, same counts; those calls allocate nothing.
 */
import {
  ErrorCode,
  type EvaluationContext,
  type JsonValue,
  OpenFeatureEventEmitter,
  type Provider,
  ProviderEvents,
  type ResolutionDetails,
  type TrackingEventDetails,
} from '@openfeature/server-sdk';
import type { FlagType } from '@yardarm/evaluator';
import type { ProviderCore, ProviderNotice } from '@yardarm/sync';

/** Takes what the application tracks. */
export type OnTrack = (name: string, context: EvaluationContext, details: TrackingEventDetails) => void;
export type LocalCore = Pick<ProviderCore, 'initialize' | 'close' | 'evaluate' | 'valueOf'>;

/** Sending the last counts, and keeping what is held, holds a process that ends for no longer. */
const MAX_CLOSE_MS = 2_000;
const NO_CONTEXT: EvaluationContext = Object.freeze({});

export class LocalProvider implements Provider {
  readonly metadata = { name: 'yardarm' } as const;
  readonly runsOn = 'server' as const;
  readonly events = new OpenFeatureEventEmitter();
  readonly #core: LocalCore;
  readonly #onTrack: OnTrack;
  readonly #holdMs: number;

  /** `holdMs`: initialising keeps the process alive for no longer. */
  constructor(
    makeCore: (emit: (notice: ProviderNotice) => void) => LocalCore,
    { onTrack, holdMs }: { readonly onTrack: OnTrack; readonly holdMs: number },
  ) {
    this.#core = makeCore((notice) => this.#emit(notice));
    this.#onTrack = onTrack;
    this.#holdMs = holdMs;
  }

  /** Rejects after `initializeTimeoutMs` without a rule set; attempts go on, and READY follows the first one. */
  async initialize(): Promise<void> {
    // Somebody may await this with nothing else to keep the process alive; nothing does after it is settled.
    const hold = setTimeout(() => {}, this.#holdMs);
    try {
      await this.#core.initialize();
    } finally {
      clearTimeout(hold);
    }
  }

  /**
   * Ends the connection and every timer at once; resolves when the last counts are sent and what is held is kept, or after two seconds,
   * until which it answers.
   */
  async onClose(): Promise<void> {
    let hold: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      hold = setTimeout(resolve, MAX_CLOSE_MS);
    });
    await this.#core.close(patience);
    clearTimeout(hold);
  }

  /** Handed to the option `onTrack`; nothing of it leaves the process otherwise. */
  track(name: string, context: EvaluationContext = NO_CONTEXT, details: TrackingEventDetails = {}): void {
    try {
      // Where it answers a promise, a rejection that nobody hears would end the process.
      void Promise.resolve(this.#onTrack(name, context, details)).catch(() => undefined);
    } catch {
      // An application that fails to track must go on all the same.
    }
  }

  /** Answers at once; the code default where the flag has nothing to say, is of another type, or no rule set is there. */
  boolean(flagKey: string, codeDefault: boolean, context: EvaluationContext = NO_CONTEXT): boolean {
    return this.#core.valueOf('boolean', flagKey, codeDefault, context);
  }

  /** As `boolean`. */
  string(flagKey: string, codeDefault: string, context: EvaluationContext = NO_CONTEXT): string {
    return this.#core.valueOf('string', flagKey, codeDefault, context);
  }

  /** As `boolean`. */
  number(flagKey: string, codeDefault: number, context: EvaluationContext = NO_CONTEXT): number {
    return this.#core.valueOf('number', flagKey, codeDefault, context);
  }

  /**
   * As `boolean`. The value is shared and frozen. Nothing checks that it has the shape of `T`. A code default that is made for
   * each call costs as much as hashing it: keep it in a constant.
   */
  object<T extends JsonValue>(flagKey: string, codeDefault: T, context: EvaluationContext = NO_CONTEXT): T {
    return this.#core.valueOf('object', flagKey, codeDefault, context);
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

  async #resolve<T>(type: FlagType, flagKey: string, defaultValue: T, context: EvaluationContext): Promise<ResolutionDetails<T>> {
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
        this.events.emit(ProviderEvents.Error, { message: notice.message, errorCode: ErrorCode.GENERAL });
        return;
      case 'changed':
        this.events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged: [...notice.flagsChanged] });
    }
  }
}
