/**
 * A day of a whole SDK on virtual time: it evaluates all the time, while the server goes away and returns in turns of an hour each, once
 * in every way in which servers are away. What it asks of the network stays within the bars, and its memory flat.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { SocketHandlers, Transport } from './client.ts';
import { createProviderCore, type ProviderNotice } from './provider-core.ts';
import { seededRandom } from './testing/alone.ts';
import { flagBody, ruleSetOf, stateOf } from './testing/model.ts';
import { type VirtualRuntime, virtualRuntime } from './testing/virtual-runtime.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** The last one begins when the day is over, with a server. */
const HOURS = 25;
const MOST_GROWTH_BYTES = 2_000_000;

/** How a server is away: what an attempt at the stream meets, and what a request. */
const OUTAGES = {
  'no listener': { closed: { code: null, status: null }, failed: { status: null } },
  'errors of a proxy': { closed: { code: null, status: 502 }, failed: { status: 502 } },
  'too many requests': { closed: { code: null, status: 429 }, failed: { status: 429 } },
  'a key that is refused': { closed: { code: null, status: 401 }, failed: { status: 401 } },
} as const;
type Outage = keyof typeof OUTAGES;

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** Counts what is asked of it in each hour, and answers as that hour is: an outage by name, or null. */
function networkOf(runtime: VirtualRuntime, hours: readonly (Outage | null)[]) {
  const asked = {
    stream: new Array<number>(HOURS).fill(0),
    rules: new Array<number>(HOURS).fill(0),
    telemetry: new Array<number>(HOURS).fill(0),
  };
  let open: SocketHandlers | undefined;
  let evaluations = 0;
  const hour = () => Math.min(HOURS - 1, Math.floor(runtime.nowMs() / HOUR_MS));
  const ruleSet = () => ruleSetOf(1 + hour(), { flags: { colour: flagBody({ value: `hour ${hour()}`, revision: 1 + hour() }) } });
  const outage = () => {
    const name = hours[hour()];
    return name == null ? undefined : OUTAGES[name];
  };
  const retryAfterMs = null;
  const transport: Transport = {
    connect: (handlers) => {
      asked.stream[hour()]!++;
      const away = outage();
      if (away !== undefined) {
        runtime.startTimer(() => handlers.closed({ ...away.closed, retryAfterMs, problem: 'away' }), 5);
        return { send: () => {}, close: () => {} };
      }
      open = handlers;
      runtime.startTimer(() => handlers.opened(), 5);
      return {
        send: (text) => {
          const welcome = {
            type: 'welcome',
            format: 1,
            view: 'server',
            beatMs: 15_000,
            now: runtime.nowMs(),
            ...stateOf(ruleSet()),
          };
          if (JSON.parse(text).type === 'hello') handlers.received(JSON.stringify(welcome));
        },
        close: () => {
          if (open === handlers) open = undefined;
        },
      };
    },
    fetchRuleSet: async () => {
      asked.rules[hour()]!++;
      const away = outage();
      if (away !== undefined) return { kind: 'failed', ...away.failed, retryAfterMs, problem: 'away' };
      return { kind: 'ruleSet', ruleSet: ruleSet(), state: stateOf(ruleSet()) };
    },
    fetchDelta: async () => ({ kind: 'failed', status: 404, retryAfterMs, problem: 'none' }),
    fetchKills: async () => null,
    sendReceipt: () => {},
    sendTelemetry: async ({ counts, lost }) => {
      asked.telemetry[hour()]!++;
      if (outage() !== undefined) return { kind: 'later', retryAfterMs };
      evaluations += counts.reduce((sum, { n }) => sum + n, lost);
      return { kind: 'taken' };
    },
  };
  return {
    transport,
    asked,
    evaluations: () => evaluations,
    /** What a server that is there does by itself: it beats, and when it goes, connections break. */
    tick: () => {
      if (outage() === undefined) open?.received(JSON.stringify({ type: 'beat', ...stateOf(ruleSet()) }));
      else open?.closed({ code: 1006, status: null, retryAfterMs, problem: 'cut' });
      if (outage() !== undefined) open = undefined;
    },
  };
}

describe('24 hours of outage and recovery', () => {
  it('cost no more attempts than an hour of each may, no wrong answer, no lost count, and no memory', async () => {
    const names = Object.keys(OUTAGES) as Outage[];
    // Every other hour the server is away, in each way in turn.
    const hours = Array.from({ length: HOURS }, (_, hour) =>
      hour % 2 === 0 ? null : (names[((hour - 1) / 2) % names.length] ?? null),
    );
    const runtime = virtualRuntime({ random: seededRandom(24) });
    const network = networkOf(runtime, hours);
    const notices: ProviderNotice[] = [];
    const core = createProviderCore({
      options: { baseUrl: '', streamUrl: '', key: '', view: 'server', app: {}, initializeTimeoutMs: 3_000, telemetry: true },
      sdk: 'test/1',
      newInstance: () => 'i',
      transport: network.transport,
      runtime,
      correctClock: false,
      snapshots: null,
      emit: (notice) => notices.push(notice),
    });
    const initialized = core.initialize();
    await runtime.pass(1_000);
    await initialized;
    const heapBytes: number[] = [];
    let asked = 0;
    for (let minute = 0; minute < 24 * 60; minute++) {
      for (let quarter = 0; quarter < 4; quarter++) {
        await runtime.pass(minute === 0 && quarter === 0 ? 14_000 : 15_000);
        network.tick();
        const value = core.valueOf('string', 'colour', 'none', {});
        asked++;
        expect(value).toMatch(/^hour \d+$/);
        core.valueOf('string', `user ${asked}`, 'none', {});
        asked++;
      }
      if (minute % 60 !== 59) continue;
      collect();
      heapBytes.push(process.memoryUsage().heapUsed);
      const hour = Math.floor(minute / 60);
      // Back within one longest delay of a stream, what the hour has is what is answered.
      if (hours[hour] === null) expect(core.valueOf('string', 'colour', 'none', {})).toBe(`hour ${hour}`);
      if (hours[hour] === null) asked++;
    }
    hours.forEach((outage, hour) => {
      const [stream, rules, telemetry] = [
        network.asked.stream[hour] ?? 0,
        network.asked.rules[hour] ?? 0,
        network.asked.telemetry[hour] ?? 0,
      ];
      const isRefused = outage === 'a key that is refused';
      expect([hour, outage, stream <= (outage === null ? 5 : isRefused ? 17 : 130)]).toEqual([hour, outage, true]);
      expect([hour, outage, rules <= (outage === null ? 8 : isRefused ? 19 : 152)]).toEqual([hour, outage, true]);
      expect([hour, outage, telemetry <= 75]).toEqual([hour, outage, true]);
    });
    for (let quarter = 0; quarter < 40; quarter++) {
      await runtime.pass(15_000);
      network.tick();
    }
    await core.close();
    expect(network.evaluations()).toBe(asked);
    expect(runtime.timers()).toBe(0);
    // Of each outage: STALE, ERROR after five minutes, READY with the next hour.
    expect(notices.filter(({ type }) => type === 'stale').length).toBe(12);
    expect(notices.filter(({ type }) => type === 'error').length).toBe(12);
    expect(notices.filter(({ type }) => type === 'ready').length).toBe(12);
    expect((heapBytes.at(-1) ?? 0) - (heapBytes[2] ?? 0)).toBeLessThan(MOST_GROWTH_BYTES);
  });
});
