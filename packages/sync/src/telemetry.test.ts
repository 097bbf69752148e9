import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome } from './details.ts';
import type { TelemetryBatch } from './messages.ts';
import { startTelemetry } from './telemetry.ts';

const outcomeOf = (over: Partial<Outcome> = {}): Outcome => ({
  value: 'red',
  variant: 'shown',
  reason: 'STATIC',
  errorCode: undefined,
  metadata: {},
  ...over,
});
const red = outcomeOf();
/** As servers store them: the same from one version to the next, and in every language. */
const HASHES = { none: '22dc2d883e9f153a', other: '870ea1c770f32bfb' };
const totalOf = ({ counts, lost }: TelemetryBatch) => counts.reduce((sum, { n }) => sum + n, lost);

describe('counts of evaluations', () => {
  it('tell apart flag, variant, reason, and whether and which code default was served', () => {
    const telemetry = startTelemetry('i', 1_000);
    telemetry.count('a', red, 'none');
    telemetry.count('a', red, 'none');
    telemetry.count('a', outcomeOf(), 'none');
    telemetry.count('b', red, 'none');
    telemetry.count('a', outcomeOf({ variant: undefined, value: undefined }), 'none');
    telemetry.count('a', outcomeOf({ reason: 'DISABLED' }), 'none');
    telemetry.count('a', red, 'other');
    const batch = telemetry.batch(6_000);
    expect(batch).toMatchObject({ instance: 'i', seq: 1, from: 1_000, to: 6_000, lost: 0 });
    const base = { flag: 'a', variant: 'shown', reason: 'STATIC', defaultServed: false, defaultHash: HASHES.none, n: 1 };
    expect(batch?.counts).toHaveLength(5);
    expect(batch?.counts).toEqual(
      expect.arrayContaining([
        { ...base, n: 3 },
        { ...base, flag: 'b' },
        { ...base, variant: null, defaultServed: true },
        { ...base, reason: 'DISABLED' },
        { ...base, defaultHash: HASHES.other },
      ]),
    );
  });

  it('hash code defaults alike whoever passes them: objects by their content, whatever the order of their members', () => {
    const hashOf = (codeDefault: unknown) => {
      const telemetry = startTelemetry('i', 0);
      telemetry.count('a', red, codeDefault);
      return telemetry.batch(1)?.counts[0]?.defaultHash;
    };
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    expect(hashOf({ a: 1, b: { c: [2], d: 3 } })).toBe(hashOf({ b: { d: 3, c: [2] }, a: 1 }));
    expect(hashOf('x'.repeat(1_000))).toBe(hashOf('x'.repeat(1_000)));
    const distinct = [true, 'true', 1, '1', Number.NaN, {}, [], { a: 1 }, 'x'.repeat(1_000), cycle];
    expect(new Set(distinct.map(hashOf)).size).toBe(distinct.length);
    expect(hashOf('none')).toBe(HASHES.none);
    expect(hashOf('none')).toMatch(/^[0-9a-f]{16}$/);
  });

  it('of a code default that is made anew for each call are one count', () => {
    const telemetry = startTelemetry('i', 0);
    for (let index = 0; index < 500; index++) telemetry.count('a', red, { limit: 3 });
    for (let index = 0; index < 500; index++) telemetry.count('a', red, Number.NaN);
    expect(telemetry.batch(1)?.counts.map(({ n }) => n)).toEqual([500, 500]);
  });

  it('keep few of the large objects that were passed as code defaults, and hash one that is passed again once', () => {
    setFlagsFromString('--expose-gc');
    const heapAfterGc = (): number => {
      runInNewContext('gc')();
      return process.memoryUsage().heapUsed;
    };
    const telemetry = startTelemetry('i', 0);
    const before = heapAfterGc();
    for (let index = 0; index < 300; index++) {
      telemetry.count(`flag-${index}`, red, { rows: Array.from({ length: 10_000 }, (_, row) => row + index + 0.5) });
    }
    expect(heapAfterGc() - before).toBeLessThan(5_000_000);
    let reads = 0;
    const constant = { toJSON: () => ++reads && 'read' };
    for (let index = 0; index < 10; index++) telemetry.count('constant', red, constant);
    expect(reads).toBe(1);
  });

  it('of a long code default cost no more than those of a short one', () => {
    const telemetry = startTelemetry('i', 0);
    const page = 'x'.repeat(20_000);
    telemetry.count('a', red, page);
    // By the processor, the least of three: what else this machine does would only add to the clock.
    const tookMs = [1, 2, 3].map(() => {
      const before = process.cpuUsage();
      for (let index = 0; index < 10_000; index++) telemetry.count('a', red, page);
      return process.cpuUsage(before).user / 1e3;
    });
    // Hashed each time, it would be seconds.
    expect(Math.min(...tookMs)).toBeLessThan(200);
    expect(telemetry.batch(1)?.counts.map(({ n }) => n)).toEqual([30_001]);
  });

  it('are nothing to send while there are none, but for the first batch and one after an hour, by which the instance is known to report', () => {
    const telemetry = startTelemetry('i', 0);
    expect(telemetry.batch(1_000)).toMatchObject({ seq: 1, from: 0, counts: [] });
    telemetry.acknowledge(1);
    expect(telemetry.batch(2_000)).toBeNull();
    telemetry.count('a', red, 'none');
    expect(telemetry.batch(3_000)).toMatchObject({ seq: 2, from: 1_000 });
    telemetry.acknowledge(2);
    expect(telemetry.batch(3_600_000)).toBeNull();
    expect(telemetry.batch(3_603_000)).toMatchObject({ seq: 3, counts: [] });
  });

  it('stay in their batch until the server has it; later ones go into the next', () => {
    const telemetry = startTelemetry('i', 0);
    telemetry.count('a', red, 'none');
    const first = telemetry.batch(1_000);
    telemetry.count('a', red, 'none');
    expect(telemetry.batch(2_000)).toBe(first);
    telemetry.acknowledge(7);
    expect(telemetry.batch(3_000)).toBe(first);
    telemetry.acknowledge(1);
    expect(telemetry.batch(4_000)).toEqual({ ...first, seq: 2, from: 1_000, to: 4_000 });
  });

  it('of a batch that the server will never take are lost, and said to be', () => {
    const telemetry = startTelemetry('i', 0);
    telemetry.count('a', red, 'none');
    telemetry.count('a', red, 'none');
    telemetry.batch(1_000);
    telemetry.count('a', red, 'none');
    telemetry.refuse(2);
    telemetry.refuse(1);
    expect(telemetry.batch(2_000)).toMatchObject({ seq: 2, counts: [{ n: 1 }], lost: 2 });
  });

  it('of many flags go out in several batches of the same period', () => {
    const telemetry = startTelemetry('i', 0);
    for (let index = 0; index < 2_500; index++) telemetry.count(`flag-${index}`, red, 'none');
    const batches: TelemetryBatch[] = [];
    do {
      const batch = telemetry.batch(60_000) as TelemetryBatch;
      batches.push(batch);
      telemetry.acknowledge(batch.seq);
    } while (telemetry.isMore());
    expect(batches.map(({ seq, from, to, counts }) => [seq, from, to, counts.length])).toEqual([
      [1, 0, 60_000, 1_000],
      [2, 0, 60_000, 1_000],
      [3, 0, 60_000, 500],
    ]);
  });

  it('take bounded memory, whatever is evaluated: what has no room is counted as lost', () => {
    const telemetry = startTelemetry('i', 0);
    const { length } = Array.from({ length: 12_000 }, (_, index) =>
      telemetry.count(`flag-${index}`, red, `${'x'.repeat(1_000)}${index}`),
    );
    for (let index = 0; index < 500; index++) telemetry.count('flag-7', red, index);
    telemetry.count('x'.repeat(10_000), red, 'none');
    telemetry.count(undefined as unknown as string, red, 'none');
    let [total, rows] = [0, 0];
    do {
      const batch = telemetry.batch(1_000) as TelemetryBatch;
      expect(JSON.stringify(batch).length).toBeLessThan(1024 * 1024);
      rows += batch.counts.length;
      total += totalOf(batch);
      telemetry.acknowledge(batch.seq);
    } while (telemetry.isMore());
    expect([rows, total]).toEqual([10_000, length + 502]);
  });

  it('of one flag are not lost because its rules changed often while the server was away', () => {
    const telemetry = startTelemetry('i', 0);
    telemetry.batch(1_000);
    for (let change = 0; change < 300; change++) {
      const [shown, hidden] = [outcomeOf(), outcomeOf({ variant: 'hidden' })];
      for (let index = 0; index < 10; index++) telemetry.count('a', index < 7 ? shown : hidden, 'none');
    }
    telemetry.acknowledge(1);
    const batch = telemetry.batch(2_000);
    expect(batch?.lost).toBe(0);
    expect(batch?.counts.map(({ variant, n }) => [variant, n])).toEqual([
      ['hidden', 900],
      ['shown', 2_100],
    ]);
  });

  it('survive a clock that is set back', () => {
    const telemetry = startTelemetry('i', 10_000);
    telemetry.count('a', red, 'none');
    expect(telemetry.batch(3_000)).toMatchObject({ from: 10_000, to: 10_000 });
    telemetry.acknowledge(1);
    expect(telemetry.batch(4_000)).toBeNull();
    expect(telemetry.batch(3_603_000)).toMatchObject({ from: 3_000, to: 3_603_000, counts: [] });
  });

  it('say which evaluation is the first of its flag in a batch, and carry what was found in it', () => {
    const telemetry = startTelemetry('i', 0);
    expect([telemetry.count('a', red, 1), telemetry.count('a', red, 1), telemetry.count('a', red, 2)]).toEqual([
      true,
      false,
      false,
    ]);
    const skipped = Array.from({ length: 60 }, (_, index) => ({ flag: 'a', rule: `r${index}`, attribute: 'email' }));
    telemetry.skip(skipped);
    telemetry.skip(skipped);
    expect(telemetry.batch(1)?.skipped).toEqual([...skipped, ...skipped.slice(0, 40)]);
    telemetry.acknowledge(1);
    expect(telemetry.count('a', red, 1)).toBe(true);
    expect(telemetry.batch(1)?.skipped).toBeUndefined();
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
            telemetry.count(step === 'count' ? 'a' : `f${index}`, red, 'none');
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
