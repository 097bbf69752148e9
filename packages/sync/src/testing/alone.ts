/** A replica alone on virtual time: what it asks of the network is answered as told, and everything it asked is kept. */
import { replicaStep, startReplica } from '../replica.ts';
import type { ReplicaEffect, ReplicaEvent, ReplicaState } from '../replica-state.ts';
import { CONFIG } from './replica-run.ts';

export interface Answer {
  readonly afterMs: number;
  readonly event: ReplicaEvent;
}

export interface Asked {
  readonly atMs: number;
  readonly effect: ReplicaEffect;
}

export function runAlone(options: {
  readonly untilMs: number;
  readonly random: () => number;
  readonly answer: (effect: ReplicaEffect, nowMs: number) => Answer | undefined;
}): { readonly state: ReplicaState; readonly asked: readonly Asked[] } {
  const asked: Asked[] = [];
  const coming: { readonly atMs: number; readonly event: ReplicaEvent }[] = [];
  let wakeMs = Number.POSITIVE_INFINITY;
  let nowMs = 0;
  const take = (effects: readonly ReplicaEffect[]) => {
    for (const effect of effects) {
      asked.push({ atMs: nowMs, effect });
      if (effect.type === 'wake') wakeMs = effect.atMs ?? Number.POSITIVE_INFINITY;
      const answer = options.answer(effect, nowMs);
      if (answer !== undefined) coming.push({ atMs: nowMs + answer.afterMs, event: answer.event });
    }
  };
  let { state, effects } = startReplica(CONFIG, nowMs);
  take(effects);
  for (;;) {
    coming.sort((a, b) => a.atMs - b.atMs);
    const next = coming[0];
    const isWake = next === undefined || wakeMs < next.atMs;
    const atMs = isWake ? wakeMs : next.atMs;
    if (atMs > options.untilMs) return { state, asked };
    nowMs = Math.max(nowMs, atMs);
    if (isWake) wakeMs = Number.POSITIVE_INFINITY;
    else coming.shift();
    ({ state, effects } = replicaStep(state, isWake ? { type: 'woke' } : next.event, nowMs, options.random()));
    take(effects);
  }
}

/** Numbers in [0, 1) that only the seed decides (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
