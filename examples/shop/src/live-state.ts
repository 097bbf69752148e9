/**
 * What the shop's server knows, pushed to every open page whenever a flag changes: each page has its own visitor, so
 * each gets the answers for that visitor.
 */
import { type Client, type EvaluationContext, ServerProviderEvents } from '@openfeature/server-sdk';
import type { FlagAnswer, ServerState } from './flags.ts';
import { answerAllFlags, answerCrowd } from './server-flags.ts';

export interface LiveState {
  stateFor(visitor: EvaluationContext): Promise<ServerState>;
  /** Calls `onState` with every new state until the returned function is called. */
  watch(visitor: EvaluationContext, onState: (state: ServerState) => void): () => void;
}

/** Nobody in particular: tells which flags changed without a visitor. */
const ANYBODY: EvaluationContext = { targetingKey: 'anybody' };

/** @param nowMs epoch milliseconds, with fractions */
export function createLiveState(client: Client, nowMs: () => number): LiveState {
  const watchers = new Set<() => Promise<void>>();
  const changedAtMs: Record<string, number> = {};
  let known: readonly FlagAnswer[] = [];

  const refresh = async () => {
    const answers = await answerAllFlags(client, ANYBODY);
    const now = nowMs();
    for (const [index, answer] of answers.entries())
      if (JSON.stringify(answer) !== JSON.stringify(known[index])) changedAtMs[answer.key] = now;
    known = answers;
    await Promise.all([...watchers].map((push) => push()));
  };
  for (const event of [
    ServerProviderEvents.Ready,
    ServerProviderEvents.ConfigurationChanged,
    ServerProviderEvents.Stale,
    ServerProviderEvents.Error,
  ])
    client.addHandler(event, () => refresh());

  const stateFor = async (visitor: EvaluationContext): Promise<ServerState> => ({
    flags: await answerAllFlags(client, visitor),
    crowd: await answerCrowd(client),
    changedAtMs: { ...changedAtMs },
    provider: client.providerStatus,
  });

  return {
    stateFor,
    watch(visitor, onState) {
      const push = async () => onState(await stateFor(visitor));
      watchers.add(push);
      return () => watchers.delete(push);
    },
  };
}
