import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createRefetchHub, type RefetchHub, type RefetchStream } from './refetch-hub.ts';

let version: string;
let active: Set<string>;
let hub: RefetchHub;
/** How long each look at the clock takes. */
let lookMs: number;
let looksMs: number;
beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  version = 'one';
  [lookMs, looksMs] = [0, 0];
  active = new Set(['key']);
  hub = createRefetchHub({
    current: () => ({ version, position: 'epoch.7' }),
    isActive: (keyId) => active.has(keyId),
    turns: { turn: () => setImmediate(), nowMs: look },
  });
});
function look(): number {
  looksMs += lookMs;
  return Date.now() + looksMs;
}

afterEach(() => {
  hub.close();
  vi.useRealTimers();
});

function open(told: string | null, keyId = 'key') {
  const written: string[] = [];
  const end = vi.fn();
  const stream: RefetchStream = {
    ...{ environmentId: 'environment', view: 'client', keyId, told, end },
    write: (text) => written.push(text),
  };
  hub.add(stream);
  return { stream, written, end };
}

test('who knows the version hears nothing, who knows another one or none is told at once', () => {
  expect(open('one').written).toEqual([]);
  const message = 'id: one\nevent: message\ndata: {"type":"refetchEvaluation","etag":"epoch.7"}\n\n';
  expect(open('zero').written).toEqual([message]);
  expect(open(null).written).toEqual([message]);
});

test('changes that come together are one message, and changes that nobody sees are none', () => {
  const { written } = open('one');
  for (const next of ['two', 'three', 'four']) {
    version = next;
    hub.advance('environment');
    vi.advanceTimersByTime(10);
  }
  vi.advanceTimersByTime(100);
  expect(written).toHaveLength(1);
  expect(written[0]).toContain('id: four');
  hub.advance('environment');
  hub.advance('another');
  vi.advanceTimersByTime(100);
  expect(written).toHaveLength(1);
});

test('thousands are told a few in a turn, and a change that comes meanwhile reaches those who were told before it', async () => {
  const all = Array.from({ length: 250 }, () => open('one'));
  const told = () => all.filter(({ stream }) => stream.told === version).length;
  [lookMs, version] = [10, 'two'];
  hub.advance('environment');
  vi.advanceTimersByTime(50);
  expect(told()).toBe(100);
  await setImmediate();
  expect(told()).toBe(200);
  version = 'three';
  hub.advance('environment');
  await setImmediate();
  expect(told()).toBe(50);
  await vi.advanceTimersByTimeAsync(50);
  for (let turn = 0; turn < 3; turn++) await setImmediate();
  expect(told()).toBe(250);
});

test('an instant of the clock is told within a second', () => {
  const { written } = open('one');
  version = 'after the instant';
  vi.advanceTimersByTime(1_000);
  expect(written).toHaveLength(1);
});

test('a quiet stream has a heartbeat every 15 seconds, whoever sets the clock', async () => {
  const { written } = open('one');
  // What a clock that nobody sets shows afterwards.
  vi.setSystemTime(-3_600_000);
  looksMs += 3_600_000;
  await vi.advanceTimersByTimeAsync(45_000);
  expect(written).toEqual([': heartbeat\n\n', ': heartbeat\n\n', ': heartbeat\n\n']);
});

test('the streams of a key that has ended are ended, the others are not', () => {
  active.add('other');
  const [one, other] = [open('one'), open('one', 'other')];
  active.delete('key');
  vi.advanceTimersByTime(1_000);
  expect(one.end).toHaveBeenCalled();
  expect(other.end).not.toHaveBeenCalled();
});

test('streams are counted by key, and one that comes while the hub closes is ended', () => {
  const { stream } = open('one');
  open('one', 'other');
  expect([hub.count(), hub.count('key'), hub.count('nobody')]).toEqual([2, 1, 0]);
  hub.remove(stream);
  hub.remove(stream);
  expect([hub.count(), hub.count('key')]).toEqual([1, 0]);
  hub.close();
  expect(open('one').end).toHaveBeenCalled();
});
