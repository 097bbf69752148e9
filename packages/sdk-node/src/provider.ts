import { randomUUID } from 'node:crypto';
import {
  type EvaluationContext,
  type JsonValue,
  OpenFeatureEventEmitter,
  type Provider,
  ProviderEvents,
  type ResolutionDetails,
} from '@openfeature/server-sdk';
import type { FlagType } from '@yardarm/evaluator';
import {
  type CommonOptions,
  checkOptions,
  createProviderCore,
  type ProviderCore,
  type ProviderNotice,
  refuse,
} from '@yardarm/sync';
import { nodeRuntime } from './runtime.ts';
import { snapshotsIn } from './snapshot-file.ts';
import { nodeTransport } from './transport.ts';

/** What the provider calls itself towards the server. */
export const SDK = '@yardarm/sdk-node/0.1.0';

export interface YardarmOptions extends CommonOptions {
  /**
   * File in which the rule set is kept for the next start, which then needs no server; one for each key. Its folder must be
   * writable. Undefined: nothing is kept.
   */
  readonly snapshotFile?: string | undefined;
}

/**
 * OpenFeature provider for Node: holds the rule set of one environment, follows its changes and evaluates in the
 * process. Construction throws a TypeError with one sentence when an option is wrong; after that nothing throws,
 * and without a server every flag answers its code default.
 */
export class YardarmProvider implements Provider {
  readonly metadata = { name: 'yardarm' } as const;
  readonly runsOn = 'server' as const;
  readonly events = new OpenFeatureEventEmitter();
  readonly #core: ProviderCore;
  readonly #initializeTimeoutMs: number;

  constructor(options: YardarmOptions) {
    const checked = checkOptions(options, { serverKeys: true, others: ['snapshotFile'] });
    const { snapshotFile } = options;
    if (snapshotFile !== undefined && (typeof snapshotFile !== 'string' || snapshotFile === ''))
      refuse("Option 'snapshotFile' must be the path of a file");
    this.#initializeTimeoutMs = checked.initializeTimeoutMs;
    this.#core = createProviderCore({
      options: checked,
      sdk: SDK,
      newInstance: randomUUID,
      transport: nodeTransport(checked),
      runtime: nodeRuntime,
      correctClock: false,
      snapshots: snapshotFile === undefined ? null : snapshotsIn(snapshotFile, checked.key),
      emit: (notice) => this.#emit(notice),
    });
  }

  /** Rejects after `initializeTimeoutMs` without a rule set; attempts go on, and READY follows the first one. */
  async initialize(): Promise<void> {
    // Somebody may await this with nothing else to keep the process alive; nothing does after it is settled.
    const hold = setTimeout(() => {}, this.#initializeTimeoutMs * 2);
    try {
      await this.#core.initialize();
    } finally {
      clearTimeout(hold);
    }
  }

  /** Ends the connection and every timer. */
  async onClose(): Promise<void> {
    this.#core.close();
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
        this.events.emit(ProviderEvents.Error, { message: notice.message });
        return;
      case 'changed':
        this.events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged: [...notice.flagsChanged] });
    }
  }
}
