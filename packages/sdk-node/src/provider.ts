import { randomUUID } from 'node:crypto';
import { createProviderCore } from '@yardarm/sync';
import { LocalProvider } from './local-provider.ts';
import { checkNodeOptions, type YardarmOptions } from './options.ts';
import { nodeRuntime } from './runtime.ts';
import { skipFinder } from './skipped-rules.ts';
import { nodeTransport } from './transport.ts';

/** What the provider calls itself towards the server. */
export const SDK = '@yardarm/sdk-node/0.1.0';

/**
 * OpenFeature provider for Node: holds the rule set of one environment, follows its changes and evaluates in the
 * process. Construction throws a TypeError with one sentence when an option is wrong; after that nothing throws,
 * and without a server every flag answers its code default.
 */
export class YardarmProvider extends LocalProvider {
  constructor(options: YardarmOptions) {
    const { checked, snapshots, override, onTrack } = checkNodeOptions(options);
    const makeCore = (emit: Parameters<typeof createProviderCore>[0]['emit']) => {
      const core = createProviderCore({
        options: checked,
        sdk: SDK,
        newInstance: randomUUID,
        transport: nodeTransport(checked),
        runtime: nodeRuntime,
        correctClock: false,
        snapshots,
        override,
        findSkipped: skipFinder(nodeRuntime.nowMs),
        emit,
      });
      const close = async (patience?: Promise<void>) => {
        await Promise.all([core.close(patience), Promise.race([snapshots?.flush(), patience])]);
      };
      return { ...core, close };
    };
    super(makeCore, { onTrack, holdMs: checked.initializeTimeoutMs * 2 });
  }
}
