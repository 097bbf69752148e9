import { describe, expect, it } from 'vitest';
import type { TelemetryBatch } from './messages.ts';
import { startTelemetry } from './telemetry.ts';
import { startSending, type TelemetryOutcome } from './telemetry-sender.ts';
import { virtualRuntime } from './testing/virtual-runtime.ts';

const outcome = { value: true, variant: 'on', reason: 'STATIC', errorCode: undefined, metadata: {} };
const MINUTE_MS = 60_000;

/** A sender on a virtual clock, of which the server answers as told. */
function setUp(answers: (batch: TelemetryBatch, sent: number) => TelemetryOutcome = () => ({ kind: 'taken' }), random = 0.5) {
  const runtime = virtualRuntime({ random: () => random });
  const telemetry = startTelemetry('i', runtime.wallMs());
  const sent: { readonly atMs: number; readonly batch: TelemetryBatch }[] = [];
  const send = async (batch: TelemetryBatch) => {
    sent.push({ atMs: runtime.nowMs(), batch });
    return answers(batch, sent.length);
  };
  const sender = startSending(telemetry, send, runtime);
  return { ...runtime, telemetry, sender, sent, count: (flag = 'a') => telemetry.count(flag, outcome, false) };
}

describe('batches', () => {
  it('go out once a minute, and not where nothing was counted', async () => {
    const { pass, count, sent } = setUp();
    count();
    await pass(MINUTE_MS - 1);
    expect(sent).toEqual([]);
    await pass(5 * MINUTE_MS);
    expect(sent.map(({ atMs, batch }) => [atMs, batch.seq])).toEqual([[MINUTE_MS, 1]]);
    count();
    await pass(MINUTE_MS);
    expect(sent.at(-1)?.batch.seq).toBe(2);
  });

  it('of a full minute go out together, one after the other', async () => {
    const { pass, count, sent } = setUp();
    for (let index = 0; index < 2_500; index++) count(`flag-${index}`);
    await pass(MINUTE_MS);
    expect(sent.map(({ atMs, batch }) => [atMs, batch.counts.length])).toEqual([
      [MINUTE_MS, 1_000],
      [MINUTE_MS, 1_000],
      [MINUTE_MS, 500],
    ]);
  });

  it('go out once a minute where evaluations go on while one is on its way', async () => {
    const { pass, count, sent } = setUp(() => {
      count();
      return { kind: 'taken' };
    });
    count();
    await pass(10 * MINUTE_MS);
    expect(sent.map(({ batch }) => batch.counts.map(({ n }) => n))).toEqual(Array.from({ length: 10 }, () => [1]));
  });

  it('are followed at once by what was counted while there was no server', async () => {
    const { pass, count, sent } = setUp((_, n) => (n === 1 ? { kind: 'later', retryAfterMs: null } : { kind: 'taken' }));
    count();
    await pass(MINUTE_MS);
    count('b');
    await pass(2 * MINUTE_MS);
    expect(sent.map(({ atMs, batch }) => [atMs / MINUTE_MS, batch.seq])).toEqual([
      [1, 1],
      [3, 1],
      [3, 2],
    ]);
  });

  it('are sent again, unchanged and ever less often, while there is no server', async () => {
    const { pass, count, sent } = setUp(() => ({ kind: 'later', retryAfterMs: null }));
    count();
    await pass(MINUTE_MS);
    count('b');
    await pass(24 * 60 * MINUTE_MS);
    expect(new Set(sent.map(({ batch }) => JSON.stringify(batch))).size).toBe(1);
    expect(sent.slice(0, 4).map(({ atMs }) => atMs / MINUTE_MS)).toEqual([1, 3, 7, 12]);
    expect(sent.length).toBeLessThan(300);
  });

  const busyOnce = (retryAfterMs: number | null) => (_: unknown, n: number) =>
    n === 1 ? ({ kind: 'later', retryAfterMs } as const) : ({ kind: 'taken' } as const);

  it('wait as long as the server asks, whatever the dice, and though a page is hidden meanwhile', async () => {
    for (const random of [0, 0.5]) {
      const { pass, count, sender, sent } = setUp(busyOnce(200_000), random);
      count();
      await pass(MINUTE_MS);
      sender.flush();
      await pass(199_999 - MINUTE_MS + (sent[0]?.atMs ?? 0));
      expect(sent).toHaveLength(1);
      await pass(1);
      expect(sent).toHaveLength(2);
      count();
      sender.flush();
      expect(sent).toHaveLength(3);
    }
  });

  it('are sent before their time where a page is hidden and no time that the server named is still to come, and at the end whatever it had named', async () => {
    const unheard = setUp(busyOnce(null));
    unheard.count();
    await unheard.pass(MINUTE_MS);
    unheard.sender.flush();
    expect(unheard.sent).toHaveLength(2);
    const shortly = setUp(busyOnce(2_000));
    shortly.count();
    await shortly.pass(MINUTE_MS);
    shortly.sender.flush();
    await shortly.pass(3_000);
    expect(shortly.sent).toHaveLength(1);
    shortly.sender.flush();
    expect(shortly.sent).toHaveLength(2);
    const busy = setUp(busyOnce(200_000));
    busy.count();
    await busy.pass(MINUTE_MS);
    await busy.sender.finish();
    expect(busy.sent).toHaveLength(2);
    expect(busy.timers()).toBe(0);
  });

  it('that are refused are given up, and what they counted is said to be lost', async () => {
    const { pass, count, sent } = setUp((_, n) => ({ kind: n === 1 ? 'refused' : 'taken' }));
    count();
    await pass(MINUTE_MS);
    count('b');
    await pass(MINUTE_MS);
    expect(sent.at(-1)?.batch).toMatchObject({ seq: 2, lost: 1, counts: [{ flag: 'b' }] });
  });

  it('go out at the end, with all that is left, and never after it', async () => {
    const { pass, count, sent, sender, timers } = setUp();
    for (let index = 0; index < 1_500; index++) count(`flag-${index}`);
    await sender.finish();
    expect(sent.map(({ atMs, batch }) => [atMs, batch.counts.length])).toEqual([
      [0, 1_000],
      [0, 500],
    ]);
    expect(timers()).toBe(0);
    await pass(10 * MINUTE_MS);
    expect(sent).toHaveLength(2);
  });

  it('that are asked for while one is under way follow it: the page that is being hidden has no later', async () => {
    const answers: ((outcome: TelemetryOutcome) => void)[] = [];
    const runtime = virtualRuntime({ random: () => 0.5 });
    const telemetry = startTelemetry('i', 0);
    const sent: TelemetryBatch[] = [];
    const send = (batch: TelemetryBatch) => {
      sent.push(batch);
      return new Promise<TelemetryOutcome>((resolve) => answers.push(resolve));
    };
    const sender = startSending(telemetry, send, runtime);
    sender.flush();
    telemetry.count('a', outcome, false);
    sender.flush();
    expect(sent).toHaveLength(1);
    answers[0]?.({ kind: 'taken' });
    await expect.poll(() => sent).toHaveLength(2);
    expect(sent[1]).toMatchObject({ seq: 2, counts: [{ flag: 'a', n: 1 }] });
    // Once, and not where the server asked for time.
    answers[1]?.({ kind: 'later', retryAfterMs: null });
    await expect.poll(() => runtime.timers()).toBe(1);
    await runtime.pass(MINUTE_MS);
    expect(sent).toHaveLength(2);
  });

  it('that are under way at the end are not sent twice', async () => {
    let answer: (outcome: TelemetryOutcome) => void = () => {};
    const runtime = virtualRuntime({ random: () => 0.5 });
    const telemetry = startTelemetry('i', 0);
    const sent: number[] = [];
    const send = (batch: TelemetryBatch) => {
      sent.push(batch.seq);
      return new Promise<TelemetryOutcome>((resolve) => {
        answer = resolve;
      });
    };
    const sender = startSending(telemetry, send, runtime);
    telemetry.count('a', outcome, false);
    await runtime.pass(MINUTE_MS);
    const finished = sender.finish();
    answer({ kind: 'taken' });
    await finished;
    expect(sent).toEqual([1]);
    expect(runtime.timers()).toBe(0);
  });
});
