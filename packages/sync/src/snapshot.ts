/**
 * What an SDK keeps across restarts, as text: a line that says what it is, then one line for each body in use, so that a large one can
 * be written a little at a time. Platforms store it and guard it against damage; see rule 8 of the SDK in docs/protocol.md. Pure.
 */
import type { EntityKind, RuleSet } from '@yardarm/evaluator';
import type { Kill } from './messages.ts';
import { toRuleSet } from './parse.ts';
import { parseKills } from './parse-kills.ts';
import { compareEpochs } from './position.ts';
import { applyKills, loadRuleSet, type Store } from './store.ts';

/** Readers of another format ignore it: a rule set is fetched soon enough. */
const SNAPSHOT_FORMAT = 1;

interface Head {
  readonly format: typeof SNAPSHOT_FORMAT;
  /** Tells keys apart without naming them: what was kept for another one is of another environment. */
  readonly owner: string;
  readonly ruleSet: Omit<RuleSet, 'flags' | 'segments' | 'hashing'> & Pick<Store, 'hashing'>;
  /** Of flags that are off whatever their bodies say. */
  readonly kills: readonly (Kill & { readonly epoch: string })[];
}

/** Lines without their ends, made one by one as they are asked for. The store being immutable, they are of one state. */
export function* snapshotLines(store: Store, owner: string): Generator<string, void> {
  const { project, environment } = store.rules.ruleSet;
  const { epoch, revision } = store.state;
  // Revisions of another epoch do not compare: a kill of before is older than any body of this one, what is kept of before than any kill.
  const kills = [...store.overlays].map(([key, kill]) => ({
    key,
    ...kill,
    ...(compareEpochs(kill.epoch, epoch) < 0 && { epoch, revision: 1 }),
  }));
  const head: Head = {
    format: SNAPSHOT_FORMAT,
    owner,
    ruleSet: { format: 1, project, environment, epoch, revision, hashing: store.hashing },
    kills,
  };
  yield JSON.stringify(head);
  // The revision up to which no kill concerns it.
  for (const { kind, key, body, ...newest } of store.entries.values())
    yield JSON.stringify([kind, key, { ...body, revision: newest.epoch === epoch ? newest.revision : 0 }]);
}

/**
 * The store that holds a rule set in its JSON form, through the same checks as what a server sends; null when it is none. `position`
 * takes the place of its own.
 */
export function storeOfRuleSet(json: unknown, position?: Pick<RuleSet, 'epoch' | 'revision'>): Store | null {
  const ruleSet = toRuleSet(Object(json));
  return 'type' in ruleSet ? null : loadRuleSet({ ...ruleSet, ...position }, null).store;
}

/**
 * The store that the lines were made of, with the last good bodies for those received; null when they are of another owner or
 * format, or cannot be read.
 */
export function readSnapshot(text: string, owner: string): Store | null {
  try {
    const [first = '', ...lines] = text.split('\n');
    const head = JSON.parse(first) as Head;
    if (head.format !== SNAPSHOT_FORMAT || head.owner !== owner) return null;
    const flags: Record<string, unknown> = Object.create(null);
    const segments: Record<string, unknown> = Object.create(null);
    for (const line of lines) {
      const [kind, key, body] = JSON.parse(line) as [EntityKind, string, unknown];
      (kind === 'flag' ? flags : segments)[key] = body;
    }
    let store = storeOfRuleSet({ ...head.ruleSet, flags, segments });
    if (store === null) return null;
    for (const { epoch, ...kill } of head.kills) store = applyKills(store, epoch, parseKills([kill])).store;
    return store;
  } catch {
    return null;
  }
}
