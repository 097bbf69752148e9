import { describe, expect, it } from 'vitest';
import { type ClientNotice, type SocketHandlers, startClient } from './client.ts';
import { BEAT_MS, LIVENESS_BEATS } from './messages.ts';
import type { FetchOutcome } from './replica-state.ts';
import type { Store } from './store.ts';
import { deltaOf, flagBody, ruleSetOf, stateOf } from './testing/model.ts';

const timed = {
  ...flagBody({}),
  rules: [{ id: 'r', when: { now: 'after' as const, values: [5_000] }, serve: { variant: 'member' } }],
};
const ruleSet = ruleSetOf(1, { flags: { timed, plain: flagBody({}) } });

/** A client on a virtual clock: time passes only through `pass`, the network answers only when told. */
function setUp(
  options: {
    correctClock?: boolean;
    connectFails?: boolean;
    onNotice?: (notice: ClientNotice) => void;
    onStore?: (store: Store) => void;
  } = {},
) {
  let nowMs = 0;
  let wallOffsetMs = 0;
  let timers: { run: () => void; atMs: number }[] = [];
  const notices: ClientNotice[] = [];
  const sockets: { handlers: SocketHandlers; sent: string[]; closed: boolean }[] = [];
  const answers: ((outcome: FetchOutcome) => void)[] = [];
  const ask = () => new Promise<FetchOutcome>((resolve) => answers.push(resolve));
  const client = startClient({
    config: { sdk: 'test/1', app: {}, instance: 'i', initializeTimeoutMs: 3_000 },
    correctClock: options.correctClock ?? false,
    notify: (notice) => {
      notices.push(notice);
      options.onNotice?.(notice);
    },
    onStore: (store) => options.onStore?.(store),
    runtime: {
      nowMs: () => nowMs,
      wallMs: () => nowMs + wallOffsetMs,
      random: () => 0.5,
      startTimer: (run, delayMs) => {
        const timer = { run, atMs: nowMs + delayMs };
        timers.push(timer);
        return () => {
          timers = timers.filter((other) => other !== timer);
        };
      },
    },
    transport: {
      connect: (handlers) => {
        if (options.connectFails) throw new Error('refused by policy');
        const socket = { handlers, sent: [] as string[], closed: false };
        sockets.push(socket);
        return {
          send: (text) => socket.sent.push(text),
          close: () => {
            socket.closed = true;
          },
        };
      },
      fetchRuleSet: ask,
      fetchDelta: ask,
      fetchKills: async () => null,
      sendReceipt: () => {},
      sendTelemetry: async () => ({ kind: 'taken' }),
    },
  });
  return {
    client,
    notices,
    sockets,
    timers: () => timers,
    setWall: (ms: number) => {
      wallOffsetMs = ms - nowMs;
    },
    asked: () => answers.length,
    /** The last request that was made, or an earlier one. */
    answer: async (over = ruleSet, request = answers.length - 1) => {
      answers[request]!({ kind: 'ruleSet', ruleSet: over, state: stateOf(over) });
      await Promise.resolve();
    },
    pass: (ms: number) => {
      const endMs = nowMs + ms;
      for (;;) {
        const due = timers.filter((timer) => timer.atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
        if (due === undefined) break;
        timers = timers.filter((timer) => timer !== due);
        nowMs = Math.max(nowMs, due.atMs);
        due.run();
      }
      nowMs = endMs;
    },
  };
}
const welcome = (now: number) =>
  JSON.stringify({ type: 'welcome', format: 1, view: 'client', beatMs: BEAT_MS, now, ...stateOf(ruleSet) });
const changes = (notices: readonly ClientNotice[]) => notices.filter((notice) => notice.type === 'changed');

describe('the timer', () => {
  it('stays while frames put off what is due, and silence is noticed to the millisecond all the same', async () => {
    const { answer, notices, sockets, timers, pass } = setUp();
    await answer();
    sockets[0]?.handlers.opened();
    sockets[0]?.handlers.received(welcome(0));
    const set = timers();
    pass(1_000);
    sockets[0]?.handlers.heard();
    expect(timers()).toEqual(set);
    const isStale = () => notices.some(({ type }) => type === 'stale');
    pass(LIVENESS_BEATS * BEAT_MS - 1);
    expect(isStale()).toBe(false);
    pass(1);
    expect(isStale()).toBe(true);
  });
});

describe('time rules (rule 10)', () => {
  it('tell which flags changed at the instant they name, and no others', async () => {
    const { answer, notices, pass } = setUp();
    await answer();
    pass(4_999);
    expect(changes(notices)).toEqual([]);
    pass(1);
    expect(changes(notices)).toEqual([{ type: 'changed', flagsChanged: ['timed'] }]);
    pass(60_000);
    expect(changes(notices)).toHaveLength(1);
  });

  it('of a large rule set tell the same once its bodies have been looked at, also what fell into that time', async () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`flag-${index}`, flagBody({})]));
    const large = ruleSetOf(1, { flags: { ...many, timed } });
    for (const jumpMs of [0, 6_000]) {
      const { answer, client, notices, pass, setWall } = setUp();
      await answer(large);
      expect(client.store()?.unchecked).toHaveLength(501);
      setWall(jumpMs);
      pass(1);
      expect(client.store()?.unchecked).toEqual([]);
      expect(changes(notices)).toHaveLength(jumpMs === 0 ? 0 : 1);
      pass(5_000);
      expect(changes(notices)).toEqual([{ type: 'changed', flagsChanged: ['timed'] }]);
    }
  });

  it('tell what fell due together with a new rule set once that is in use', async () => {
    const order: string[] = [];
    const { answer, sockets, setWall } = setUp({
      onNotice: ({ type }) => order.push(type),
      onStore: ({ state }) => order.push(`revision ${state.revision}`),
    });
    await answer();
    sockets[0]?.handlers.opened();
    sockets[0]?.handlers.received(welcome(0));
    setWall(6_000);
    const next = { ...ruleSet, revision: 2, flags: { ...ruleSet.flags, plain: flagBody({ value: 'red', revision: 2 }) } };
    sockets[0]?.handlers.received(JSON.stringify(deltaOf(ruleSet, next)));
    expect(order).toEqual(['revision 1', 'ready', 'revision 2', 'changed', 'changed']);
  });

  it('follow the clock of the server where the own clock is not to be trusted', async () => {
    const { client, answer, notices, sockets, pass } = setUp({ correctClock: true });
    await answer();
    sockets[0]!.handlers.opened();
    sockets[0]!.handlers.received(welcome(4_000));
    expect(client.evaluationMs()).toBe(4_000);
    pass(1_000);
    expect(changes(notices)).toEqual([{ type: 'changed', flagsChanged: ['timed'] }]);
  });

  it('tell at once when the corrected clock is past the instant already', async () => {
    const { answer, notices, sockets } = setUp({ correctClock: true });
    await answer();
    sockets[0]!.handlers.opened();
    sockets[0]!.handlers.received(welcome(9_000));
    expect(changes(notices)).toEqual([{ type: 'changed', flagsChanged: ['timed'] }]);
  });

  it('cost no look at the clock where there are none, and count again once there is one', async () => {
    const { answer, client, pass, setWall } = setUp();
    setWall(4_000);
    await answer(ruleSetOf(1, { flags: { plain: flagBody({}) } }));
    expect(client.evaluationMs()).toBe(0);
    pass(40_000);
    await answer(ruleSetOf(2, { flags: { timed } }));
    expect(client.evaluationMs()).toBe(44_000);
  });

  it('leave the clock alone on a server', async () => {
    const { client, sockets } = setUp();
    sockets[0]!.handlers.opened();
    sockets[0]!.handlers.received(welcome(9_000));
    expect(client.evaluationMs()).toBe(0);
  });
});

describe('the clock of a page', () => {
  const beat = JSON.stringify({ type: 'beat', ...stateOf(ruleSet) });
  async function greeted(correctClock: boolean) {
    const client = setUp({ correctClock });
    await client.answer();
    client.sockets[0]!.handlers.opened();
    client.sockets[0]!.handlers.received(welcome(4_000));
    return client;
  }

  it('that somebody sets is noticed with the next beat, and the server is asked for its own', async () => {
    for (const byMs of [3_600_000, -3_600_000]) {
      const { client, notices, sockets, setWall } = await greeted(true);
      setWall(byMs);
      sockets[0]!.handlers.received(beat);
      expect(sockets).toHaveLength(2);
      sockets[1]!.handlers.opened();
      sockets[1]!.handlers.received(beat);
      sockets[1]!.handlers.received(welcome(4_500));
      sockets[1]!.handlers.received(beat);
      expect(client.evaluationMs()).toBe(4_500);
      expect(sockets).toHaveLength(2);
      expect(notices.map(({ type }) => type)).toEqual(['ready']);
    }
  });

  it('is right at once after a sleep in which the clock of delays stood still', async () => {
    const { client, setWall } = await greeted(true);
    setWall(8 * 3_600_000);
    expect(client.evaluationMs()).toBe(8 * 3_600_000 + 4_000);
  });

  it('that runs a little faster costs no connection, nor does one that is never corrected, whatever becomes of it', async () => {
    for (const [correctClock, byMs] of [
      [true, 2_000],
      [false, 3_600_000],
    ] as const) {
      const { sockets, setWall } = await greeted(correctClock);
      setWall(byMs);
      sockets[0]!.handlers.received(beat);
      expect(sockets).toHaveLength(1);
    }
  });

  it('of a host that is set is not corrected, and with the next beat it says what that changes, whichever way', async () => {
    const { client, notices, sockets, setWall, pass } = await greeted(false);
    const setTo = (ms: number) => {
      setWall(ms);
      sockets[0]!.handlers.received(beat);
    };
    setTo(8 * 3_600_000);
    expect(changes(notices)).toEqual([{ type: 'changed', flagsChanged: ['timed'] }]);
    expect(client.evaluationMs()).toBe(8 * 3_600_000);
    setTo(8 * 3_600_000);
    setTo(2_000);
    expect(changes(notices)).toHaveLength(2);
    pass(3_000);
    expect(changes(notices)).toHaveLength(3);
    expect(sockets).toHaveLength(1);
  });

  it('that is set is not noticed by a page that nobody looks at', async () => {
    const { client, sockets, setWall } = await greeted(true);
    client.tell('suspended');
    setWall(3_600_000);
    sockets[0]!.handlers.received(beat);
    expect(sockets).toHaveLength(1);
  });
});

describe('sockets', () => {
  it('that were given up are not heard any more', async () => {
    const { client, answer, sockets, pass } = setUp();
    await answer();
    sockets[0]!.handlers.opened();
    pass(10_250);
    expect(sockets).toHaveLength(2);
    expect(sockets[0]!.closed).toBe(true);
    const next = ruleSetOf(2, { flags: { plain: flagBody({ value: 'late', revision: 2 }) } });
    sockets[0]!.handlers.received(JSON.stringify(deltaOf(ruleSet, next)));
    sockets[0]!.handlers.closed({ code: 1006, status: null, retryAfterMs: null, problem: 'late' });
    expect(client.store()?.state.revision).toBe(1);
  });

  it('that cannot even be made are tried again', () => {
    const { notices, timers, pass } = setUp({ connectFails: true });
    pass(3_000);
    expect(notices).toEqual([{ type: 'failed', problem: 'No rule set arrived in time: refused by policy' }]);
    expect(timers()).toHaveLength(1);
  });
});

it('the answer to a request that another one has replaced does not say that what it brings is current', async () => {
  const { client, answer, asked, pass } = setUp();
  await answer();
  client.tell('resumed');
  client.tell('suspended');
  pass(8 * 3_600_000);
  client.tell('resumed');
  expect(asked()).toBe(3);
  const next = ruleSetOf(2, { flags: { plain: flagBody({ value: 'blue', revision: 2 }) } });
  await answer(next, 1);
  expect([client.store()?.state.revision, client.health()]).toEqual([2, 'stale']);
  await answer(next, 2);
  expect(client.health()).toBe('ready');
});

it('stop leaves no timer and no socket, whenever it comes', async () => {
  const { client, answer, sockets, timers } = setUp();
  await answer();
  sockets[0]!.handlers.opened();
  client.stop();
  expect(timers()).toEqual([]);
  expect(sockets[0]!.closed).toBe(true);
  expect(client.health()).toBe('stopped');
  client.stop();
});

it('stop out of a notice ends the notices, and leaves no timer for a time rule that came with the change', async () => {
  const run = setUp({ onNotice: ({ type }) => type === 'changed' && run.client.stop() });
  const { answer, notices, sockets, timers, pass } = run;
  await answer(ruleSetOf(1, { flags: { plain: flagBody({}) } }));
  sockets[0]!.handlers.opened();
  sockets[0]!.handlers.received(welcome(0));
  pass(40_000);
  sockets[1]!.handlers.opened();
  expect(notices.map(({ type }) => type)).toEqual(['ready', 'stale']);
  await answer(
    ruleSetOf(2, { flags: { timed: { ...timed, rules: [{ ...timed.rules[0]!, when: { now: 'after', values: [50_000] } }] } } }),
  );
  expect(notices.map(({ type }) => type)).toEqual(['ready', 'stale', 'changed']);
  expect(timers()).toEqual([]);
  expect(sockets[1]!.closed).toBe(true);
});
