import { describe, expect, it } from 'vitest';
import { connectionStep, fetchSpreadMs, openConnection } from './connection.ts';
import {
  type ConnectionEffect,
  type ConnectionEvent,
  type ConnectionState,
  EPOCH_SPREAD_MS,
  MAX_BUFFERED_BYTES,
  SKIP_BUFFERED_BYTES,
  STUCK_MS,
} from './connection-state.ts';
import { BEAT_MS, type ClientMessage, deltaPath, RULE_SET_PATH, type SyncState } from './messages.ts';

type Plain = ConnectionEvent extends infer Event ? (Event extends unknown ? Omit<Event, 'bufferedBytes'> : never) : never;

const at = (revision: number, epoch = '1000-a'): SyncState => ({ epoch, revision, digest: `digest of ${epoch} ${revision}` });
const hello = (have?: SyncState): Plain => {
  const message: ClientMessage = {
    type: 'hello',
    protocol: 1,
    formats: [1],
    sdk: 'test/1',
    app: {},
    instance: 'i',
    ...(have && { have }),
  };
  return { type: 'received', message };
};
const applied = (state: SyncState): Plain => ({ type: 'received', message: { type: 'applied', ...state } });
const head = (state: SyncState): Plain => ({ type: 'head', head: state });
const resync = (reason: string, spreadMs = 0) => ({
  type: 'send',
  message: { type: 'resync', reason, url: RULE_SET_PATH, spreadMs },
});
const delta = (from: SyncState, to: number) => ({ type: 'sendDelta', from, to });

/** Runs events from the opening of a socket at revision 5; answers the last state and the effects of the last event. */
function run(
  events: readonly (Plain & { afterMs?: number; bufferedBytes?: number })[],
  from = openConnection('server', at(5), 0),
) {
  let state: ConnectionState = from;
  let effects: readonly ConnectionEffect[] = [];
  let nowMs = 0;
  for (const { afterMs = 0, bufferedBytes = 0, ...event } of events) {
    nowMs += afterMs;
    ({ state, effects } = connectionStep(state, { ...event, bufferedBytes } as ConnectionEvent, nowMs, nowMs));
  }
  return { state, effects };
}

/** States by name, as the events that lead to them. */
const PATHS = {
  opening: [],
  live: [hello(at(5))],
  resyncing: [hello()],
  closed: [{ type: 'closed' }],
} satisfies Record<ConnectionState['phase'], readonly Plain[]>;

const EVENTS = {
  hello: hello(at(5)),
  applied: applied(at(5)),
  rejected: { type: 'received', message: { type: 'rejected', revision: 5, errors: [] } },
  unknown: { type: 'received', message: null },
  invalid: { type: 'received', message: { type: 'invalid', problem: 'nonsense', closeCode: 4000 } },
  pong: { type: 'pong' },
  head: head(at(6)),
  drained: { type: 'drained' },
  tick: { type: 'tick' },
  deltaUnavailable: { type: 'deltaUnavailable', from: at(3), at: null, spreadMs: 0 },
  revoked: { type: 'revoked' },
  shutdown: { type: 'shutdown', reason: 'restart', retryAfterMs: 1, spreadMs: 2 },
  closed: { type: 'closed' },
} satisfies Record<string, Plain>;

type Cell = readonly [phase: ConnectionState['phase'], effects: string];
const NOTHING: Record<keyof typeof EVENTS, Cell> = {
  hello: ['closed', ''],
  applied: ['closed', ''],
  rejected: ['closed', ''],
  unknown: ['closed', ''],
  invalid: ['closed', ''],
  pong: ['closed', ''],
  head: ['closed', ''],
  drained: ['closed', ''],
  tick: ['closed', ''],
  deltaUnavailable: ['closed', ''],
  revoked: ['closed', ''],
  shutdown: ['closed', ''],
  closed: ['closed', ''],
};
/** Every state against every event. A missing cell does not compile. */
const TABLE: Record<keyof typeof PATHS, Record<keyof typeof EVENTS, Cell>> = {
  opening: {
    hello: ['live', 'identified welcome receipt'],
    applied: ['closed', 'close 4000'],
    rejected: ['closed', 'close 4000'],
    unknown: ['opening', ''],
    invalid: ['closed', 'close 4000'],
    pong: ['opening', ''],
    head: ['opening', ''],
    drained: ['opening', ''],
    tick: ['opening', ''],
    deltaUnavailable: ['opening', ''],
    revoked: ['closed', 'close 4001'],
    shutdown: ['closed', 'goodbye close 1001'],
    closed: ['closed', ''],
  },
  live: {
    hello: ['closed', 'close 4000'],
    applied: ['live', 'receipt'],
    rejected: ['live', 'rejection'],
    unknown: ['live', ''],
    invalid: ['closed', 'close 4000'],
    pong: ['live', ''],
    head: ['live', 'sendDelta'],
    drained: ['live', ''],
    tick: ['live', ''],
    deltaUnavailable: ['resyncing', 'resync sendKills'],
    revoked: ['closed', 'close 4001'],
    shutdown: ['closed', 'goodbye close 1001'],
    closed: ['closed', ''],
  },
  resyncing: {
    hello: ['closed', 'close 4000'],
    applied: ['live', 'receipt'],
    rejected: ['resyncing', 'rejection'],
    unknown: ['resyncing', ''],
    invalid: ['closed', 'close 4000'],
    pong: ['resyncing', ''],
    head: ['resyncing', 'sendKills'],
    drained: ['resyncing', ''],
    tick: ['resyncing', ''],
    deltaUnavailable: ['resyncing', ''],
    revoked: ['closed', 'close 4001'],
    shutdown: ['closed', 'goodbye close 1001'],
    closed: ['closed', ''],
  },
  closed: NOTHING,
};

function nameOf(effect: ConnectionEffect): string {
  if (effect.type === 'send') return effect.message.type;
  return effect.type === 'close' ? `close ${effect.code}` : effect.type;
}

describe('every state against every event', () => {
  for (const [phase, row] of Object.entries(TABLE) as [keyof typeof PATHS, Record<keyof typeof EVENTS, Cell>][]) {
    for (const [name, [next, effects]] of Object.entries(row) as [keyof typeof EVENTS, Cell][]) {
      it(`${phase}, on ${name}: ${next}${effects === '' ? '' : `, with ${effects}`}`, () => {
        const after = run([...PATHS[phase], EVENTS[name]]);
        expect([after.state.phase, after.effects.map(nameOf).join(' ')]).toEqual([next, effects]);
      });
    }
  }
});

describe('hello', () => {
  it('with what is current is welcomed, and nothing follows', () => {
    const { effects } = run([hello(at(5))]);
    const welcome = { type: 'welcome', format: 1, view: 'server', beatMs: BEAT_MS, now: 0, ...at(5) };
    expect(effects).toMatchObject([
      { type: 'identified' },
      { type: 'send', message: welcome },
      { type: 'receipt', applied: at(5) },
    ]);
  });

  it('with an older revision gets one delta to the newest', () => {
    expect(run([hello(at(2))]).effects.slice(2)).toEqual([{ type: 'receipt', applied: at(2) }, delta(at(2), 5)]);
  });

  it('with nothing is sent to the rule set, without kills for rules it does not have', () => {
    expect(run([hello()]).effects.slice(2)).toEqual([resync('gap')]);
  });

  it('with another content of the same revision is sent to the rule set', () => {
    expect(run([hello({ ...at(5), digest: 'other' })]).effects).toContainEqual(resync('digest'));
  });

  it('of an older epoch is sent to the rule set over time, and gets every kill at once', () => {
    const { effects } = run([hello(at(9, '900-a'))]);
    expect(effects.slice(3)).toEqual([resync('epoch', EPOCH_SPREAD_MS), { type: 'sendKills', after: 0 }]);
  });

  it('that is ahead of this replica gets nothing older, and makes it look for what it missed', () => {
    const ahead = run([hello(at(7))]);
    expect(ahead.effects.slice(2)).toEqual([{ type: 'receipt', applied: at(7) }, { type: 'refreshHead' }]);
    expect(run([head(at(6))], ahead.state).effects).toEqual([]);
    expect(run([head(at(8))], ahead.state).effects).toEqual([delta(at(7), 8)]);
  });

  it('that does not come within 10 s closes the socket', () => {
    expect(run([{ type: 'tick', afterMs: 9_999 }]).state.phase).toBe('opening');
    expect(run([{ type: 'tick', afterMs: 10_000 }]).effects).toMatchObject([{ type: 'close', code: 4000 }]);
  });

  it('after a change that arrived meanwhile is measured against the newest state', () => {
    expect(run([head(at(6)), hello(at(5))]).effects).toContainEqual(delta(at(5), 6));
  });
});

it('a reader that fetched past what was sent continues from there', () => {
  const ahead = run([hello(at(5)), applied(at(7))]);
  expect(ahead.effects).toEqual([{ type: 'receipt', applied: at(7) }, { type: 'refreshHead' }]);
  expect(run([head(at(6))], ahead.state).effects).toEqual([]);
  expect(run([head(at(8))], ahead.state).effects).toEqual([delta(at(7), 8)]);
});

describe('a reader that cannot keep up (I10)', () => {
  const full = SKIP_BUFFERED_BYTES + 1;

  it('is skipped above 64 KiB, and gets one delta for everything on drain', () => {
    const skipped = run([hello(at(5)), { ...head(at(6)), bufferedBytes: full }, { ...head(at(7)), bufferedBytes: full }]);
    expect(skipped.effects).toEqual([]);
    expect(run([{ type: 'drained' }], skipped.state).effects).toEqual([delta(at(5), 7)]);
  });

  it('is closed with 4008 above 1 MiB, and after 30 s without draining', () => {
    const large = run([hello(at(5)), { type: 'tick', bufferedBytes: MAX_BUFFERED_BYTES + 1 }]);
    expect(large.effects).toMatchObject([{ type: 'close', code: 4008 }]);
    const blocked = { ...head(at(6)), bufferedBytes: full };
    const patient = run([hello(at(5)), blocked, { type: 'tick', bufferedBytes: full, afterMs: STUCK_MS - 1 }]);
    expect(patient.state.phase).toBe('live');
    expect(run([hello(at(5)), blocked, { type: 'tick', bufferedBytes: full, afterMs: STUCK_MS }]).effects).toMatchObject([
      { code: 4008 },
    ]);
  });

  it('that drained in between has its time again', () => {
    const tick = { type: 'tick', bufferedBytes: full, afterMs: STUCK_MS / 2 } as const;
    const pong = { type: 'pong' } as const;
    expect(run([hello(at(5)), tick, tick, { type: 'drained' }, pong, tick, tick]).state.phase).toBe('live');
  });
});

describe('a resync (I11)', () => {
  it('lets only kills through until the reader says what it holds', () => {
    const resyncing = run([hello(), head(at(6)), head(at(7))]);
    expect(resyncing.effects).toEqual([{ type: 'sendKills', after: 6 }]);
    expect(run([applied(at(6))], resyncing.state).effects).toEqual([{ type: 'receipt', applied: at(6) }, delta(at(6), 7)]);
  });

  it('follows when no delta leads on, with all kills: nobody knows which the reader lacks', () => {
    const unavailable = run([hello(at(2)), { type: 'deltaUnavailable', from: at(2), at: null, spreadMs: 0 }]);
    expect(unavailable.effects).toEqual([resync('too_old'), { type: 'sendKills', after: 0 }]);
  });

  it('names the address of a delta that is too large for the socket, and how long to spread over', () => {
    const url = deltaPath('1000-a', 2, 5);
    const large = run([hello(at(2)), { type: 'deltaUnavailable', from: at(2), at: url, spreadMs: 700 }]);
    const message = { type: 'resync', reason: 'too_old', url, spreadMs: 700 };
    expect(large.effects).toEqual([
      { type: 'send', message },
      { type: 'sendKills', after: 2 },
    ]);
    expect(run([head(at(6))], large.state).effects).toEqual([{ type: 'sendKills', after: 5 }]);
    expect(run([head(at(6)), applied(at(5))], large.state).effects).toContainEqual(delta(at(5), 6));
  });

  it('of a large delta is spread by its bytes and its readers, and never beyond 30 s', () => {
    expect([fetchSpreadMs(100_000, 1), fetchSpreadMs(100_000, 1_000), fetchSpreadMs(8_000_000, 10_000)]).toEqual([
      2, 2_000, 30_000,
    ]);
  });

  it('is asked for again when another epoch begins before its end, with every kill of that', () => {
    const restored = run([hello(), head(at(2, '2000-a'))]);
    expect(restored.effects).toEqual([resync('epoch', EPOCH_SPREAD_MS), { type: 'sendKills', after: 0 }]);
    expect(run([head(at(3, '2000-a'))], restored.state).effects).toEqual([{ type: 'sendKills', after: 2 }]);
  });

  it('is not ended by a receipt of the epoch before', () => {
    const moved = run([hello(at(5)), head(at(1, '2000-a')), applied(at(5))]);
    expect(moved.state.phase).toBe('resyncing');
    expect(moved.effects).toEqual([{ type: 'receipt', applied: at(5) }]);
    expect(run([applied(at(1, '2000-a'))], moved.state).state.phase).toBe('live');
  });

  it('waits while the socket is full', () => {
    const full = { ...head(at(1, '2000-a')), bufferedBytes: SKIP_BUFFERED_BYTES + 1 };
    const waiting = run([hello(at(5)), full]);
    expect(waiting.effects).toEqual([]);
    expect(run([{ type: 'drained' }], waiting.state).effects).toContainEqual(resync('epoch', EPOCH_SPREAD_MS));
  });
});

describe('beats and liveness (I12)', () => {
  it('beat every 15 s with the newest state, after the delta that leads to it', () => {
    const behind = run([hello(at(5)), { ...head(at(6)), bufferedBytes: SKIP_BUFFERED_BYTES + 1 }]);
    const { effects } = run([{ type: 'tick', afterMs: BEAT_MS }], behind.state);
    const beat = { type: 'send', message: { type: 'beat', ...at(6) } };
    expect(effects).toEqual([delta(at(5), 6), { type: 'ping' }, beat]);
  });

  it('wait while the socket is full', () => {
    const full = { type: 'tick', bufferedBytes: SKIP_BUFFERED_BYTES + 1, afterMs: BEAT_MS } as const;
    expect(run([hello(at(5)), full]).effects).toEqual([]);
  });

  it('cut a peer that was silent for 2.5 beats, and not one that answers pings', () => {
    const silent = [hello(at(5)), { type: 'tick', afterMs: 2.5 * BEAT_MS }] as const;
    expect(run(silent).effects).toEqual([{ type: 'terminate' }]);
    const pong = { type: 'pong', afterMs: BEAT_MS } as const;
    expect(run([hello(at(5)), pong, pong, { type: 'tick', afterMs: BEAT_MS }]).state.phase).toBe('live');
  });
});

it('an older state reported late moves nothing back', () => {
  const { state, effects } = run([hello(at(5)), head(at(4))]);
  expect(effects).toEqual([]);
  expect(state).toMatchObject({ head: at(5) });
});

it('a welcome names the clock of the wall, which nothing else goes by', () => {
  const event = { ...hello(at(5)), bufferedBytes: 0 } as ConnectionEvent;
  const { state, effects } = connectionStep(openConnection('server', at(5), 0), event, 10, 1_800_000_000_000);
  expect(effects).toContainEqual({ type: 'send', message: expect.objectContaining({ type: 'welcome', now: 1_800_000_000_000 }) });
  expect(state).toMatchObject({ lastHeardMs: 10 });
});
