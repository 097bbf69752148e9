/** What an application passes to the provider for Node, and its check. Throws at construction; nothing throws afterwards. */
import type { RuleSet } from '@yardarm/evaluator';
import {
  type CheckedOptions,
  type CommonOptions,
  checkOptions,
  loadRuleSet,
  NO_POSITION,
  parseRuleSet,
  refuse,
} from '@yardarm/sync';
import type { OnTrack } from './local-provider.ts';
import { type Overrides, overriding } from './overrides.ts';
import { type FileSnapshots, snapshotsIn } from './snapshot-file.ts';

export interface YardarmOptions extends CommonOptions {
  /**
   * File in which the rule set is kept for the next start, which then needs no server; one for each key. Its folder must be
   * writable. Undefined: nothing is kept.
   */
  readonly snapshotFile?: string | undefined;
  /**
   * Rule set to start from until the server names a state, as `GET /sync/v1/ruleset` answers it: text, or parsed. A snapshot goes
   * before it, unless it is newer and of the snapshot's epoch.
   */
  readonly bootstrap?: string | RuleSet | undefined;
  /** Values that answer instead of the rules, by flag key. For local development: warns on stderr. */
  readonly overrides?: Overrides | undefined;
  /** JSON file of such values, read once, at construction. Those of `overrides` win. */
  readonly overridesFile?: string | undefined;
  /** Takes what the application tracks through OpenFeature; Yardarm has no use for it. What it throws is dropped. */
  readonly onTrack?: OnTrack | undefined;
}

export interface NodeOptions {
  readonly checked: CheckedOptions;
  readonly snapshots: FileSnapshots | null;
  readonly override: ReturnType<typeof overriding>;
  readonly onTrack: OnTrack;
}

/** Throws a TypeError with one sentence that names the option, what is wrong and what is expected. */
export function checkNodeOptions(options: YardarmOptions): NodeOptions {
  const others = ['snapshotFile', 'bootstrap', 'overrides', 'overridesFile', 'onTrack'];
  const checked = checkOptions(options, { serverKeys: true, others });
  const { snapshotFile, bootstrap, overrides, overridesFile, onTrack = () => {} } = options;
  if (snapshotFile !== undefined && (typeof snapshotFile !== 'string' || snapshotFile === '')) {
    refuse("Option 'snapshotFile' must be the path of a file");
  }
  if (typeof onTrack !== 'function') refuse("Option 'onTrack' must be a function");
  const file = snapshotFile === undefined ? null : snapshotsIn(snapshotFile, checked.key);
  const snapshots = bootstrap === undefined ? file : startingFrom(ruleSetOf(bootstrap), file);
  return { checked, snapshots, override: overriding(overrides, overridesFile), onTrack };
}

function ruleSetOf(bootstrap: unknown): RuleSet {
  const ruleSet = parseRuleSet(textOf(bootstrap));
  if ('type' in ruleSet) refuseBootstrap(ruleSet.problem);
  return ruleSet;
}

function textOf(bootstrap: unknown): string {
  try {
    return typeof bootstrap === 'string' ? bootstrap : (JSON.stringify(bootstrap) ?? '');
  } catch (cause) {
    return refuseBootstrap((cause as Error).message.split('\n')[0] ?? '');
  }
}

function refuseBootstrap(problem: string): never {
  refuse(`Option 'bootstrap' must be a rule set as the server answers it: ${problem}`);
}

/**
 * The snapshot, which is of this key, where there is one. A newer bootstrap of its epoch is of the same environment and follows on it like
 * a rule set that was fetched; any other has no position, so that the first state that the server names replaces it.
 */
function startingFrom(bootstrap: RuleSet, file: FileSnapshots | null): FileSnapshots {
  const unplaced = loadRuleSet({ ...bootstrap, ...NO_POSITION }, null).store;
  return {
    load: () => {
      const kept = file?.load() ?? null;
      if (kept === null) return unplaced;
      const { epoch, revision } = kept.state;
      return epoch === bootstrap.epoch && revision < bootstrap.revision ? loadRuleSet(bootstrap, kept).store : kept;
    },
    save: (store) => file?.save(store),
    flush: async () => file?.flush(),
  };
}
