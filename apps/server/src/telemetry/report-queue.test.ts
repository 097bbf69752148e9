import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { SdkKey } from '../delivery/sdk-keys.ts';
import { createLogger } from '../observability/logger.ts';
import type { AcceptedReport } from './merge-counts.ts';
import type { ReadReport } from './read-report.ts';
import { createReportQueue } from './report-queue.ts';
import type { WrittenReports } from './report-store.ts';

const KEY = { id: 'k', environmentId: 'e', kind: 'server', allowedOrigins: [], expiresAtMs: null } as const;
const CLIENT_KEY = { ...KEY, id: 'c', kind: 'client' } as const;
const count = { flag: 'f', variant: 'on', reason: 'STATIC', defaultServed: false, defaultHash: 'd', n: 1 };
const reportOf = (instance: string, { seq = 1, counts = 1 } = {}): ReadReport => ({
  ...{ instance, sdk: 's', app: {}, seq, from: 0, to: 0, lost: 0 },
  counts: Array.from({ length: counts }, () => count),
});

/** A queue in its own time, and a database that answers when it is told to. */
function startWorld() {
  const lines: string[] = [];
  let nowMs = 0;
  let timers: { readonly atMs: number; readonly run: () => void }[] = [];
  const writes: { reports: readonly AcceptedReport[]; settle: (error?: Error) => void }[] = [];
  const queue = createReportQueue({
    write: (reports) =>
      new Promise<WrittenReports>((resolve, reject) => {
        const written = { accepted: reports.length, unknown: 0 };
        writes.push({ reports, settle: (error) => (error === undefined ? resolve(written) : reject(error)) });
      }),
    onWritten: () => undefined,
    timers: {
      delay: (ms) => new Promise<void>((run) => timers.push({ atMs: nowMs + ms, run })),
      nowMs: () => nowMs,
    },
    log: createLogger({ write: (line) => void lines.push(line) }),
  });
  /** Whose refusal may be looked at later. */
  const take = (report: ReadReport, key: SdkKey = KEY) => {
    const taken = queue.take(key, report);
    taken.catch(() => undefined);
    return taken;
  };
  const advance = async (ms: number) => {
    nowMs += ms;
    const due = timers.filter(({ atMs }) => atMs <= nowMs);
    timers = timers.filter(({ atMs }) => atMs > nowMs);
    for (const { run } of due) run();
    await setImmediate();
  };
  return { queue, take, writes, advance, lines };
}

/** `written`, the seconds after which to come back, or `waiting`. */
async function outcomeOf(taken: Promise<void>): Promise<unknown> {
  const settled = taken.then(
    () => 'written',
    ({ code, retryAfterSeconds }) => [code, retryAfterSeconds],
  );
  return Promise.race([settled, setImmediate('waiting')]);
}

describe('the queue of reports', () => {
  it('gathers for a second, writes once, and answers when that is done', async () => {
    const { take, writes, advance } = startWorld();
    const taken = [take(reportOf('a')), take(reportOf('b'))];
    await advance(999);
    expect(writes).toHaveLength(0);
    await advance(1);
    expect(writes.map(({ reports }) => reports.length)).toEqual([2]);
    expect(await outcomeOf(taken[0]!)).toBe('waiting');
    writes[0]?.settle();
    await setImmediate();
    expect(await Promise.all(taken.map(outcomeOf))).toEqual(['written', 'written']);
  });

  it('takes a repetition for the same batch, and refuses another one of the instance until that is answered', async () => {
    const { take, writes, advance } = startWorld();
    const first = take(reportOf('a'));
    const again = take(reportOf('a'));
    expect(await outcomeOf(take(reportOf('a', { seq: 2 })))).toEqual(['unavailable', 1]);
    await advance(1_000);
    const meanwhile = take(reportOf('a'));
    expect(writes[0]?.reports).toHaveLength(1);
    writes[0]?.settle();
    await setImmediate();
    expect(await Promise.all([first, again, meanwhile].map(outcomeOf))).toEqual(['written', 'written', 'written']);
  });

  it('has everybody send again what could not be written, and writes what comes after', async () => {
    const { take, writes, advance } = startWorld();
    const taken = take(reportOf('a'));
    await advance(1_000);
    writes[0]?.settle(new Error('away'));
    await setImmediate();
    expect(await outcomeOf(taken)).toEqual(['unavailable', 15]);
    const next = take(reportOf('a'));
    await advance(1_000);
    writes[1]?.settle();
    await setImmediate();
    expect(await outcomeOf(next)).toBe('written');
  });

  it.each(['away', 'hangs'])('says once why nothing is written where the database %s, and once that it is again', async (how) => {
    const { take, writes, advance, lines } = startWorld();
    const outcomes = [false, false, true, true];
    for (const [index, works] of outcomes.entries()) {
      void take(reportOf('a', { seq: index + 1 }));
      await advance(1_000);
      if (!works && how === 'hangs') await advance(4_000);
      writes[index]?.settle(works || how === 'hangs' ? undefined : new Error('it is away'));
      await setImmediate();
      await advance(2_000);
    }
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 'warn', err: { message: how === 'away' ? 'it is away' : expect.stringContaining('4 s') } },
      { level: 'info', msg: 'telemetry is written again' },
    ]);
  });

  it('keeps nobody waiting for a database that hangs, takes nothing until it answers, and then goes on', async () => {
    const { take, writes, advance } = startWorld();
    const taken = take(reportOf('a'));
    await advance(1_000);
    const behind = take(reportOf('b'));
    await advance(4_000);
    expect(await Promise.all([taken, behind].map(outcomeOf))).toEqual([
      ['unavailable', 15],
      ['unavailable', 15],
    ]);
    expect(await outcomeOf(take(reportOf('c')))).toEqual(['unavailable', 15]);
    writes[0]?.settle();
    await setImmediate();
    await advance(2_000);
    const after = take(reportOf('d'));
    await advance(1_000);
    writes[1]?.settle();
    await setImmediate();
    expect(await outcomeOf(after)).toBe('written');
  });

  it('holds no more than 50 000 counts and 5 000 reports, and writes at most 20 000 counts at once', async () => {
    const { take, writes, advance } = startWorld();
    const full = Array.from({ length: 60 }, (_, index) => outcomeOf(take(reportOf(`${index}`, { counts: 1_000 }))));
    expect((await Promise.all(full)).filter((outcome) => outcome === 'waiting')).toHaveLength(50);
    await advance(1_000);
    expect(writes[0]?.reports).toHaveLength(20);
    const { take: takeEmpty } = startWorld();
    const empty = Array.from({ length: 5_100 }, (_, index) => outcomeOf(takeEmpty(reportOf(`${index}`, { counts: 0 }))));
    expect((await Promise.all(empty)).filter((outcome) => outcome === 'waiting')).toHaveLength(5_000);
  });

  it('lets client keys hold half of its room and no more, so that a flood of theirs refuses no server key', async () => {
    const { take, writes, advance } = startWorld();
    const outcomes = (key: SdkKey, counts: number, reports: number) =>
      Promise.all(Array.from({ length: reports }, (_, index) => outcomeOf(take(reportOf(`${index}`, { counts }), key))));
    const waitingOf = (all: readonly unknown[]) => all.filter((outcome) => outcome === 'waiting').length;
    expect(waitingOf(await outcomes(CLIENT_KEY, 1_000, 30))).toBe(25);
    expect(waitingOf(await outcomes(KEY, 1_000, 30))).toBe(25);
    await advance(1_000);
    expect(writes[0]?.reports).toHaveLength(20);
    expect(waitingOf(await outcomes({ ...CLIENT_KEY, id: 'c2' }, 1_000, 30))).toBe(20);
    const { take: takeEmpty } = startWorld();
    const empty = Array.from({ length: 3_000 }, (_, index) =>
      outcomeOf(takeEmpty(reportOf(`${index}`, { counts: 0 }), CLIENT_KEY)),
    );
    expect(waitingOf(await Promise.all(empty))).toBe(2_500);
    expect(await outcomeOf(takeEmpty(reportOf('a')))).toBe('waiting');
  });

  it('writes what waits when the server stops, and takes no more', async () => {
    const { queue, take, writes } = startWorld();
    const taken = take(reportOf('a'));
    const closing = queue.close();
    await setImmediate();
    writes[0]?.settle();
    await closing;
    expect(await outcomeOf(taken)).toBe('written');
    expect(await outcomeOf(take(reportOf('b')))).toEqual(['unavailable', 15]);
  });
});
