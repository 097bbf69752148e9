/** Clock, timers and dice of a test: time passes only when it is told to, and what is due runs in order. */
import type { Runtime } from '../client.ts';

interface Timer {
  readonly atMs: number;
  readonly run: () => void;
}

export interface VirtualRuntime extends Runtime {
  /** Lets time pass, and lets what it starts come to an end at each instant. */
  pass(ms: number): Promise<void>;
  /** How many timers are set. */
  timers(): number;
}

/** Starts at 0, both clocks. */
export function virtualRuntime({ random }: { readonly random: () => number }): VirtualRuntime {
  const timers = new Set<Timer>();
  let nowMs = 0;

  function nextDue(endMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of timers) if (timer.atMs <= endMs && (next === undefined || timer.atMs < next.atMs)) next = timer;
    return next;
  }

  return {
    nowMs: () => nowMs,
    wallMs: () => nowMs,
    random,
    startTimer: (run, delayMs) => {
      const timer = { atMs: nowMs + delayMs, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    timers: () => timers.size,
    pass: async (ms) => {
      const endMs = nowMs + ms;
      for (let due = nextDue(endMs); due !== undefined; due = nextDue(endMs)) {
        timers.delete(due);
        nowMs = Math.max(nowMs, due.atMs);
        due.run();
        // Promises that follow each other settle before anything later happens.
        for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      }
      nowMs = endMs;
    },
  };
}
