import { describe, expect, it } from 'vitest';
import { createTelemetryBudget, type Taken, type TelemetryBudget } from './telemetry-budget.ts';

const server = { id: 's', kind: 'server' } as const;
const client = { id: 'c', kind: 'client' } as const;
type Key = Parameters<TelemetryBudget['ask']>[0];

/** How many of `count` requests in one instant are let in, and released at once. */
function letIn(budget: TelemetryBudget, key: Key, { count = 10_000, bytes = 1_000, nowMs = 0 }): number {
  let taken = 0;
  for (let index = 0; index < count; index++) {
    const asked = budget.ask(key, bytes, nowMs);
    if (!('release' in asked)) continue;
    asked.release();
    taken++;
  }
  return taken;
}

describe('the budget of telemetry', () => {
  it('lets 300 reports a second of one key in, and more of other keys of its kind', () => {
    const budget = createTelemetryBudget();
    letIn(budget, server, {});
    expect(letIn(budget, server, { nowMs: 100 })).toBe(30);
    expect(letIn(budget, { id: 'other', kind: 'server' }, { nowMs: 100 })).toBeGreaterThan(20);
  });

  it('takes nothing of server keys for client keys, nor for strangers', () => {
    const budget = createTelemetryBudget();
    letIn(budget, client, {});
    letIn(budget, null, {});
    expect(letIn(budget, server, {})).toBe(30);
  });

  it('lets less in of a key whose users do not wait for answers, though not for longer than a second, and as much of others', () => {
    const budget = createTelemetryBudget();
    letIn(budget, client, { count: 1 });
    for (let time = 0; time < 1_000; time++) budget.charge(client);
    expect(letIn(budget, client, { nowMs: 900 })).toBe(0);
    expect(letIn(budget, { id: 'other', kind: 'client' }, { nowMs: 900 })).toBe(30);
    expect(letIn(budget, client, { nowMs: 1_010, count: 2 })).toBe(2);
  });

  it('counts a large report as several', () => {
    const budget = createTelemetryBudget();
    letIn(budget, server, {});
    expect(letIn(budget, server, { bytes: 100 * 1024, nowMs: 1_000 })).toBeLessThan(letIn(budget, client, {}));
    expect(letIn(budget, server, { nowMs: 1_001 })).toBe(0);
  });

  it('holds no more bytes than there is room for, until they are released, once each', () => {
    const budget = createTelemetryBudget();
    const taken: Taken[] = [];
    const bytes = 900 * 1024;
    for (let nowMs = 0; nowMs < 60_000; nowMs += 1_000) {
      const asked = budget.ask(server, bytes, nowMs);
      if ('release' in asked) taken.push(asked);
    }
    expect([taken.length, budget.bytes()]).toEqual([9, 9 * bytes]);
    expect(budget.ask(server, bytes, 61_000)).toEqual({ retryAfterSeconds: 5 });
    taken[0]?.release();
    taken[0]?.release();
    expect(budget.bytes()).toBe(8 * bytes);
    expect(budget.ask(server, bytes, 62_000)).toHaveProperty('release');
  });

  it('lets a client key have a quarter of the bytes of its kind, so that slow requests with one refuse no other', () => {
    const budget = createTelemetryBudget();
    const other = { id: 'other', kind: 'client' } as const;
    const bytes = 1024 * 1024;
    const first = budget.ask(client, bytes, 0);
    for (let nowMs = 1_000; nowMs < 10_000; nowMs += 1_000)
      expect(budget.ask(client, 500, nowMs)).toEqual({ retryAfterSeconds: 5 });
    expect(budget.ask(other, bytes, 10_000)).toHaveProperty('release');
    if ('release' in first) {
      first.release();
      first.release();
    }
    expect(budget.bytes()).toBe(bytes);
    expect(budget.ask(client, bytes, 11_000)).toHaveProperty('release');
    expect(budget.ask(client, 500, 12_000)).toEqual({ retryAfterSeconds: 5 });
  });
});
