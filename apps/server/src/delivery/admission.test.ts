import { describe, expect, test } from 'vitest';
import { createAdmission } from './admission.ts';

describe('createAdmission', () => {
  test('lets a burst in, and then the rate', () => {
    const admission = createAdmission({ perSecond: 100, burst: 10 });
    const letIn = (nowMs: number) =>
      Array.from({ length: 50 }, () => admission.ask(nowMs)).filter((wait) => wait === null).length;
    expect([letIn(0), letIn(0), letIn(50), letIn(1_000_000)]).toEqual([10, 0, 5, 10]);
  });

  test('sends a herd away for as long as it takes to let it in', () => {
    const admission = createAdmission({ perSecond: 1_000, burst: 1_000 });
    const waits = Array.from({ length: 10_000 }, () => admission.ask(0)).filter((wait) => wait !== null);
    expect(waits).toHaveLength(9_000);
    expect([waits[0], waits[999], waits[1_000], waits.at(-1)]).toEqual([1, 1, 2, 9]);
    expect(admission.ask(5_000)).toBeNull();
  });

  test('lets a herd that comes back when it was told in within that time, once the others have left', () => {
    const admission = createAdmission({ perSecond: 100, burst: 100 });
    let due = Array.from({ length: 1_000 }, () => 0);
    let rounds = 0;
    for (let second = 0; due.length > 0 && second < 60; second++) {
      const back = due.filter((at) => at <= second);
      const later = due.filter((at) => at > second);
      due = [...later, ...back.flatMap((_, index) => second + (admission.ask(second * 1_000 + index / back.length) ?? -100))];
      due = due.filter((at) => at > second);
      rounds = second;
    }
    expect(due).toEqual([]);
    expect(rounds).toBeLessThanOrEqual(12);
  });

  test('is not confused by a clock that steps back', () => {
    const admission = createAdmission({ perSecond: 10, burst: 1 });
    expect(admission.ask(1_000_000)).toBeNull();
    expect(admission.ask(0)).toBe(1);
    expect(admission.ask(1_000)).toBeNull();
  });
});
