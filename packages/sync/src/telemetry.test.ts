import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Evaluation, TelemetryBatch } from './messages.ts';
import { startTelemetry } from './telemetry.ts';

const red: Evaluation = { flag: 'a', variant: 'red', reason: 'STATIC', defaultServed: false, defaultHash: 'd1' };
const totalOf = ({ counts, lost }: TelemetryBatch) => counts.reduce((sum, { n }) => sum + n, lost);

describe('counts of evaluations', () => {
  it('tell apart flag, variant, reason, and whether and which code default was served', () => {
    const telemetry = startTelemetry('i', 1_000);
    const others: readonly Partial<Evaluation>[] = [
      { flag: 'b' },
      { variant: null },
      { variant: 'null' },
      { reason: 'DISABLED' },
      { defaultServed: true },
      { defaultHash: 'd2' },
    ];
    for (const change of [{}, {}, ...others]) telemetry.count({ ...red, ...change });
    expect(telemetry.batch(6_000)).toEqual({
      instance: 'i',
      seq: 1,
      from: 1_000,
      to: 6_000,
      counts: [{ ...red, n: 2 }, ...others.map((change) => ({ ...red, ...change, n: 1 }))],
      lost: 0,
    });
  });

  it('are nothing to send while there are none, but for the first batch and one after an hour, by which the instance is known to report', () => {
    const telemetry = startTelemetry('i', 0);
    expect(telemetry.batch(1_000)).toMatchObject({ seq: 1, from: 0, counts: [] });
    telemetry.acknowledge(1);
    expect(telemetry.batch(2_000)).toBeNull();
    telemetry.count(red);
    expect(telemetry.batch(3_000)).toMatchObject({ seq: 2, from: 1_000 });
    telemetry.acknowledge(2);
    expect(telemetry.batch(3_600_000)).toBeNull();
    expect(telemetry.batch(3_603_000)).toMatchObject({ seq: 3, counts: [] });
  });

  it('stay in their batch until the server has it; later ones go into the next', () => {
    const telemetry = startTelemetry('i', 0);
    telemetry.count(red);
    const first = telemetry.batch(1_000);
    telemetry.count(red);
    expect(telemetry.batch(2_000)).toBe(first);
    telemetry.acknowledge(7);
    expect(telemetry.batch(3_000)).toBe(first);
    telemetry.acknowledge(1);
    expect(telemetry.batch(4_000)).toEqual({ ...first, seq: 2, from: 1_000, to: 4_000 });
  });

  it('of a batch that the server will never take are lost, and said to be', () => {
    const telemetry = startTelemetry('i', 0);
    telemetry.count(red);
    telemetry.count(red);
    telemetry.batch(1_000);
    telemetry.count(red);
    telemetry.refuse(2);
    telemetry.refuse(1);
    expect(telemetry.batch(2_000)).toMatchObject({ seq: 2, counts: [{ n: 1 }], lost: 2 });
  });

  it('take bounded memory, whatever is evaluated: what has no room is counted as lost', () => {
    const telemetry = startTelemetry('i', 0);
    for (let index = 0; index < 5_000; index++) telemetry.count({ ...red, flag: `${index}${'x'.repeat(10_000)}` });
    telemetry.count({ ...red, flag: `7${'x'.repeat(10_000)}` });
    const batch = telemetry.batch(1_000);
    expect([batch?.counts.length, batch?.lost, batch?.counts[7]?.n]).toEqual([1_000, 4_000, 2]);
    expect(JSON.stringify(batch).length).toBeLessThan(1024 * 1024);
  });

  it('survive a clock that is set back', () => {
    const telemetry = startTelemetry('i', 10_000);
    telemetry.count(red);
    expect(telemetry.batch(3_000)).toMatchObject({ from: 10_000, to: 10_000 });
  });

  it('arrive once each, however often requests and answers are lost', () => {
    const anyStep = fc.constantFrom('count', 'count', 'other', 'arrive', 'lose request', 'lose answer', 'refuse');
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 200 }), (steps) => {
        const telemetry = startTelemetry('i', 0);
        const taken = new Map<number, TelemetryBatch>();
        let evaluations = 0;
        steps.forEach((step, index) => {
          if (step === 'count' || step === 'other') {
            evaluations++;
            telemetry.count(step === 'count' ? red : { ...red, flag: `f${index}` });
            return;
          }
          const batch = telemetry.batch(index);
          if (batch === null) return;
          if (step === 'refuse' && !taken.has(batch.seq)) telemetry.refuse(batch.seq);
          if (step !== 'arrive' && step !== 'lose answer') return;
          if (!taken.has(batch.seq)) taken.set(batch.seq, batch);
          if (step === 'arrive') telemetry.acknowledge(batch.seq);
        });
        const waiting = telemetry.batch(9_999);
        if (waiting !== null && !taken.has(waiting.seq)) taken.set(waiting.seq, waiting);
        if (waiting !== null) telemetry.acknowledge(waiting.seq);
        const last = telemetry.batch(9_999);
        if (last !== null) taken.set(last.seq, last);
        expect([...taken.values()].reduce((sum, batch) => sum + totalOf(batch), 0)).toBe(evaluations);
      }),
    );
  });
});
