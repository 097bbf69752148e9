import { expect, test } from 'vitest';
import { whileVisible } from './while-visible.ts';

function start(hidden = false) {
  const log: string[] = [];
  const listeners = new Set<() => void>();
  let timer: (() => void) | null = null;
  const page = {
    hidden,
    addEventListener: (_: string, listener: () => void) => listeners.add(listener),
    removeEventListener: (_: string, listener: () => void) => listeners.delete(listener),
  };
  const schedule = (callback: () => void) => {
    timer = callback;
    return () => {
      timer = null;
    };
  };
  const end = whileVisible(page, schedule, () => {
    log.push('start');
    return () => log.push('stop');
  });
  const show = (visible: boolean) => {
    page.hidden = !visible;
    for (const listener of listeners) listener();
  };
  return { log, show, end, wait: () => timer?.() };
}

test('a page that stays hidden stops, and starts again when it is seen', () => {
  const { log, show, wait } = start();
  show(false);
  expect(log).toEqual(['start']);
  wait();
  expect(log).toEqual(['start', 'stop']);
  show(true);
  expect(log).toEqual(['start', 'stop', 'start']);
});

test('a short look elsewhere changes nothing', () => {
  const { log, show, wait } = start();
  show(false);
  show(true);
  wait();
  expect(log).toEqual(['start']);
});

test('a page that was opened in the background waits until it is seen', () => {
  const { log, show } = start(true);
  expect(log).toEqual([]);
  show(true);
  expect(log).toEqual(['start']);
});

test('the end stops once, and for good', () => {
  const { log, show, end } = start();
  end();
  show(false);
  show(true);
  expect(log).toEqual(['start', 'stop']);
});
