/** What an application passes to the provider for Node, and its check. Throws at construction; nothing throws afterwards. */
import type { RuleSet } from '@yardarm/evaluator';
import {
  type CheckedOptions,
  type CommonOptions,
  checkOptions,
  compareStates,
  loadRuleSet,
  parseRuleSet,
  refuse,
  type Snapshots,
  type Store,
} from '@yardarm/sync';
import type { OnTrack } from './local-provider.ts';
import { type Overrides, overriding } from './overrides.ts';
import { snapshotsIn } from './snapshot-file.ts';

export interface YardarmOptions extends CommonOptions {
  /**
   * File in which the rule set is kept for the next start, which then needs no server; one for each key. Its folder must be
   * writable. Undefined: nothing is kept.
   */
  readonly snapshotFile?: string | undefined;
  /** Rule set to start from while there is nothing newer, as `GET /sync/v1/ruleset` answers it: text, or parsed. */
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
  readonly snapshots: Snapshots | null;
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
  const snapshots = bootstrap === undefined ? file : startingFrom(storeOf(bootstrap), file);
  return { checked, snapshots, override: overriding(overrides, overridesFile), onTrack };
}

function storeOf(bootstrap: unknown): Store {
  const text = typeof bootstrap === 'string' ? bootstrap : JSON.stringify(bootstrap);
  const ruleSet = parseRuleSet(typeof text === 'string' ? text : '');
  if ('type' in ruleSet) refuse(`Option 'bootstrap' must be a rule set as the server answers it: ${ruleSet.problem}`);
  return loadRuleSet(ruleSet, null).store;
}

/** The newer of both; a snapshot of the same state has the kills that came after it. */
function startingFrom(bootstrap: Store, file: Snapshots | null): Snapshots {
  return {
    load: () => {
      const kept = file?.load() ?? null;
      return kept !== null && compareStates(kept.state, bootstrap.state) >= 0 ? kept : bootstrap;
    },
    save: (store) => file?.save(store),
  };
}
