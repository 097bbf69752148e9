/** Row 17 of the fault table: the deltas of a history, repeated and out of order, and what a replica makes of them. */
import type { RuleSet } from '@yardarm/evaluator';
import { decide, metadataOf } from '../details.ts';
import { BEAT_MS, type DeltaMessage } from '../messages.ts';
import { replicaStep, startReplica } from '../replica.ts';
import type { ReplicaEffect, ReplicaEvent, ReplicaState } from '../replica-state.ts';
import type { Store } from '../store.ts';
import { seededRandom } from './alone.ts';
import { deltaOf, type Edit, historyOf, stateOf } from './model.ts';
import { CONFIG } from './replica-run.ts';

const REVISIONS = 8;
const KEYS = ['a', 'b', 'c', 'd'];

export interface Permutation {
  readonly head: RuleSet;
  readonly store: Store | null;
  /** Revisions that the replica held, one after the other. */
  readonly held: readonly number[];
  /** Keys whose version in the metadata of an answer went backwards. */
  readonly versionsBackwards: readonly string[];
  readonly resyncs: number;
}

/** One history, one order; `seed` decides both. Requests are answered at once, until the end with something old. */
export function permute(seed: number): Permutation {
  const random = seededRandom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const history = historyOf(Array.from({ length: REVISIONS }, () => anyEdit(random, pick)));
  const head = history.at(-1) as RuleSet;
  const held: number[] = [];
  const versions = new Map<string, number>();
  const versionsBackwards: string[] = [];
  let resyncs = 0;
  let nowMs = 0;
  let isCalm = false;
  let { state, effects } = startReplica(CONFIG, 0);

  const take = (step: { readonly state: ReplicaState; readonly effects: readonly ReplicaEffect[] }) => {
    state = step.state;
    const revision = state.store?.state.revision;
    if (revision !== undefined && revision !== held.at(-1)) held.push(revision);
    for (const key of KEYS) {
      const { version = 0 } = metadataOf(state.store, key, decide(state.store, 'string', key, {}, nowMs));
      if (Number(version) < (versions.get(key) ?? 0) && version !== 0)
        versionsBackwards.push(`${key}: ${versions.get(key)}, ${version}`);
      versions.set(key, Number(version) || (versions.get(key) ?? 0));
    }
    for (const effect of step.effects) {
      if (effect.type !== 'fetchRuleSet') continue;
      resyncs++;
      const ruleSet = isCalm ? head : pick(history);
      const answered = stateOf(ruleSet);
      // As a server answers to the ETag of the same content.
      const isHeld = state.store?.state.digest === answered.digest;
      const outcome = isHeld
        ? ({ kind: 'notModified', state: answered } as const)
        : ({ kind: 'ruleSet', ruleSet, state: answered } as const);
      happen({ type: 'fetched', outcome });
    }
  };
  const happen = (event: ReplicaEvent) => take(replicaStep(state, event, nowMs, random()));

  take({ state, effects });
  happen({ type: 'opened' });
  const welcome = { type: 'welcome', format: 1, view: 'server', beatMs: BEAT_MS, now: 0, ...stateOf(head) } as const;
  happen({ type: 'received', message: welcome });
  for (const message of shuffledDeltas(history, random)) happen({ type: 'received', message });
  // What was lost to the order comes by itself: a beat names it, the limit lets a request through.
  isCalm = true;
  for (let beats = 0; beats < 40 && held.at(-1) !== head.revision; beats++) {
    nowMs += BEAT_MS;
    happen({ type: 'received', message: { type: 'beat', ...stateOf(head) } });
    happen({ type: 'woke' });
  }
  return { head, store: state.store, held, versionsBackwards, resyncs };
}

/** Every step, a few longer ones, half of it twice, in any order. */
function shuffledDeltas(history: readonly RuleSet[], random: () => number): readonly DeltaMessage[] {
  const deltas: DeltaMessage[] = [];
  for (let from = 0; from < REVISIONS; from++) {
    const to = random() < 0.7 ? from + 1 : Math.min(REVISIONS, from + 1 + Math.floor(random() * 4));
    const delta = deltaOf(history[from] as RuleSet, history[to] as RuleSet);
    deltas.push(...(random() < 0.5 ? [delta, delta] : [delta]));
  }
  for (let index = deltas.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [deltas[index], deltas[other]] = [deltas[other] as DeltaMessage, deltas[index] as DeltaMessage];
  }
  return deltas;
}

function anyEdit(random: () => number, pick: <T>(items: readonly T[]) => T): Edit {
  const dice = random();
  if (dice < 0.1) return { kind: 'elsewhere' };
  if (dice < 0.25) return { kind: 'remove', of: 'flag', key: pick(KEYS) };
  return { kind: 'flag', key: pick(KEYS), on: random() < 0.7, value: pick(['red', 'red', 'blue']) };
}
