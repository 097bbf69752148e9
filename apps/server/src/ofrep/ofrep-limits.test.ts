import { expect, test } from 'vitest';
import { createOfrepLimits } from './ofrep-limits.ts';

const browser = { id: 'browser', kind: 'client' } as const;

test('who evaluates a thousand flags at once gets a twentieth of the requests of who evaluates one', () => {
  const admitted = (flags: number) => {
    const limits = createOfrepLimits(100);
    return Array.from({ length: 200 }, () => limits.ask(browser, 0, flags)).filter((seconds) => seconds === null).length;
  };
  expect(admitted(1)).toBe(100);
  expect(admitted(1_000)).toBe(5);
});

test('what a request cost above what was left is earned before the next one', () => {
  const limits = createOfrepLimits(100);
  expect(limits.ask(browser, 0, 10_000)).toBeNull();
  expect(limits.ask(browser, 1_000, 1)).not.toBeNull();
  expect(limits.ask(browser, 1_100, 1)).toBeNull();
});
