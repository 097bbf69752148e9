import { describe, expect, test } from 'vitest';
import { openProjectStream, reconnectDelayMs, type StreamSource } from './project-stream.ts';

function start() {
  const log: string[] = [];
  const sources: (StreamSource & { readyState: number; closed: boolean; tell: (type: string, data: string) => void })[] = [];
  const timers: { callback: () => void; delayMs: number; cancelled: boolean }[] = [];
  const end = openProjectStream({
    open: () => {
      const source = {
        listeners: new Map<string, (event: { readonly data: string }) => void>(),
        tell(type: string, data: string) {
          this.listeners.get(type)?.({ data });
        },
        addEventListener(type: string, listener: (event: { readonly data: string }) => void) {
          this.listeners.set(type, listener);
        },
        onopen: null,
        onerror: null,
        onmessage: null,
        readyState: 0,
        closed: false,
        close() {
          this.closed = true;
        },
      };
      sources.push(source);
      return source;
    },
    report: (event) => log.push(event.kind === 'status' ? event.status : `${event.kind} ${event.data}`),
    onRefused: () => log.push('refused'),
    schedule: (callback, delayMs) => {
      const timer = { callback, delayMs, cancelled: false };
      timers.push(timer);
      return () => {
        timer.cancelled = true;
      };
    },
    random: () => 0.5,
  });
  return { log, sources, timers, end };
}

describe('openProjectStream', () => {
  test('tells notifications, receipts, shared views that changed, and how the connection is', () => {
    const { log, sources } = start();
    sources[0]!.onopen!();
    sources[0]!.onmessage!({ data: '{}' });
    sources[0]!.tell('receipts', '[]');
    sources[0]!.tell('views', '{}');
    sources[0]!.onerror!();
    sources[0]!.onopen!();
    expect(log).toEqual(['connecting', 'live', 'notification {}', 'receipts []', 'views {}', 'reconnecting', 'live']);
  });

  test('leaves a lost connection to the browser, and opens a new source where the browser has given up', () => {
    const { log, sources, timers } = start();
    sources[0]!.onopen!();
    sources[0]!.onerror!();
    expect(timers).toHaveLength(0);
    sources[0]!.readyState = 2;
    sources[0]!.onerror!();
    expect(log.at(-1)).toBe('refused');
    timers[0]!.callback();
    expect(sources).toHaveLength(2);
    sources[1]!.onopen!();
    expect(log.at(-1)).toBe('live');
  });

  test('ends for good: no retry, no report', () => {
    const { log, sources, timers, end } = start();
    sources[0]!.readyState = 2;
    sources[0]!.onerror!();
    end();
    expect(timers[0]!.cancelled).toBe(true);
    expect(sources[0]!.closed).toBe(true);
    timers[0]!.callback();
    expect(sources).toHaveLength(1);
    const reported = log.length;
    sources[0]!.onerror!();
    expect(log).toHaveLength(reported);
  });
});

test('the delay grows to 15 s and is spread over its whole range', () => {
  expect(reconnectDelayMs(0, 0)).toBe(0);
  expect(reconnectDelayMs(1, 0.5)).toBe(500);
  expect(reconnectDelayMs(40, 0.999)).toBeLessThan(15_000);
});
