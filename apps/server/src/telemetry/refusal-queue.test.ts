import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createRefusalQueue } from './refusal-queue.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A queue, and what it ended after how many milliseconds. */
function startQueue(room: number) {
  const queue = createRefusalQueue({ room, perSecond: 10 });
  const ended: [name: number, afterMs: number][] = [];
  const beganMs = performance.now();
  const add = (name: number, holdMs: number) => {
    const socket = new EventEmitter() as Socket;
    const leave = queue.add(socket, holdMs, () => ended.push([name, Math.round(performance.now() - beganMs)]));
    return { added: leave !== null, leave, close: () => socket.emit('close') };
  };
  return { add, ended };
}

it('ends each after its while, and no more of them than so many a second', () => {
  const { add, ended } = startQueue(3);
  expect([1, 2, 3, 4].map((name) => add(name, 1_000).added)).toEqual([true, true, true, false]);
  vi.advanceTimersByTime(10_000);
  expect(ended).toEqual([
    [1, 1_000],
    [2, 1_100],
    [3, 1_200],
  ]);
});

it('gives the turn of one that closed or left before to the next, and its room to a new one', () => {
  const { add, ended } = startQueue(50);
  const closing = Array.from({ length: 49 }, (_, name) => add(name, 2_000));
  add(49, 1_000);
  expect(add(50, 1_000).added).toBe(false);
  for (const one of closing.slice(1)) one.close();
  closing[0]?.leave?.();
  expect(add(51, 1_000).added).toBe(true);
  vi.advanceTimersByTime(10_000);
  expect(ended).toEqual([
    [49, 1_000],
    [51, 1_100],
  ]);
});

it('makes up for a late event loop only as far as a tenth of a second', () => {
  const { add, ended } = startQueue(50);
  for (let name = 0; name < 20; name++) add(name, 0);
  vi.advanceTimersByTime(0);
  // Nothing ran for a second: the timer that is due then comes late.
  const nowMs = performance.now();
  vi.spyOn(performance, 'now').mockReturnValue(nowMs + 1_000);
  vi.advanceTimersByTime(100);
  expect(ended.length).toBeLessThan(5);
  vi.restoreAllMocks();
});
