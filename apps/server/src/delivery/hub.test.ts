/** Over 400 lines because sockets, timers and rooms of one hub are faked together, and each test needs all of them. */
import { EventEmitter } from 'node:events';
import type { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { BEAT_MS, CLOSE, type ServerMessage, withSum } from '@yardarm/sync';
import { pino } from 'pino';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { tagOf, toStoredText } from '../ruleset/build.ts';
import type { ServedEnvironment } from '../ruleset/cache.ts';
import { advanceRules, type EnvironmentRules, startRules } from '../ruleset/environment-rules.ts';
import { serveView } from '../ruleset/served-view.ts';
import { createHub, type Hub, type HubTimers, nodeTimers } from './hub.ts';
import { createReceiptBooks } from './receipt-books.ts';
import type { SdkKey } from './sdk-keys.ts';

const ENVIRONMENT_ID = '8f3c5a52-0d5c-4a0e-9a3e-0a1f5f1f8a01';
const KEY: SdkKey = { id: 'key', environmentId: ENVIRONMENT_ID, kind: 'server', allowedOrigins: [], expiresAtMs: null };

/** The far end of a bad network: buffers what it is told to buffer, and keeps what was sent. */
class SlowSocket extends EventEmitter {
  readonly frames: string[] = [];
  readonly buffers: (string | Buffer)[] = [];
  readonly readyState = 1;
  readonly writes: (() => void)[] = [];
  bufferedAmount = 0;
  closedWith: number | null = null;
  terminated = false;
  paused = false;

  send(frame: string | Buffer, _options: unknown, written: () => void): void {
    this.buffers.push(frame);
    this.frames.push(frame.toString());
    this.writes.push(written);
  }

  ping(): void {}

  pause(): void {
    this.paused = true;
  }

  close(code: number): void {
    this.closedWith = code;
    this.emit('close');
  }

  terminate(): void {
    this.terminated = true;
    this.emit('close');
  }

  say(message: object): void {
    this.emit('message', Buffer.from(JSON.stringify(message)), false);
  }

  /** Everything is written out. */
  drain(): void {
    this.bufferedAmount = 0;
    for (const written of this.writes.splice(0)) written();
  }

  messages(): readonly ServerMessage[] {
    return this.frames.map((frame) => JSON.parse(frame) as ServerMessage);
  }
}

/** The stream below a socket, as far as reading goes. */
function fakeWire(socket: SlowSocket) {
  let starts = 0;
  const handle = {
    reading: true,
    readStop: () => 0,
    readStart: () => {
      starts++;
      return 0;
    },
  };
  const write = (frame: Buffer, written: () => void) =>
    socket.send(frame.subarray(frame.length - payloadBytes(frame)), null, written);
  const nothing = () => undefined;
  return { _handle: handle, write, cork: nothing, uncork: nothing, starts: () => starts };
}

/** Of one unmasked frame, as the header says (RFC 6455, 5.2). */
function payloadBytes(frame: Buffer): number {
  const short = (frame[1] ?? 0) & 0x7f;
  return short < 126 ? short : frame.readUInt16BE(2);
}

let hub: Hub | undefined;
afterEach(async () => {
  vi.useRealTimers();
  await hub?.close();
});

function serve(rules: EnvironmentRules): ServedEnvironment {
  const { server, client } = rules.views;
  return { rules, committedAtMs: 0, views: { server: serveView(server), client: serveView(client) } };
}

/** A hub with one environment, whose next revision `change` makes. */
function startHub() {
  let served = serve(
    startRules({ environmentId: ENVIRONMENT_ID, project: 'shop', environment: 'production' }, { epoch: '1-a', revision: 0 }, []),
  );
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const environment = () => served;
  const nothing = () => undefined;
  const receipts = createReceiptBooks({
    environment,
    now: Date.now,
    clockOffsetMs: () => 0,
    onChange: nothing,
    onConverged: nothing,
  });
  /** How long each look at the clock takes, so that a fan-out seems to take its time. */
  const clock = { lookMs: 0, skewMs: 0, onTurn: () => {} };
  const timers: HubTimers = {
    ...nodeTimers,
    turn: () => {
      clock.onTurn();
      return nodeTimers.turn();
    },
    nowMs: () => {
      clock.skewMs += clock.lookMs;
      return nodeTimers.nowMs() + clock.skewMs;
    },
  };
  const started = createHub({
    environment,
    now: Date.now,
    receipts,
    onEffect: nothing,
    onAhead: () => undefined,
    timers,
    log,
  });
  hub = started;
  return {
    hub: started,
    lines,
    clock,
    connected: () => receipts.find(ENVIRONMENT_ID, 'server')?.connected(),
    state: () => served.views.server.state,
    change: (key: string, on = true) => {
      const revision = served.rules.revision + 1;
      const variants = { on: true, off: false };
      const body = toStoredText({ type: 'boolean', variants, on, offVariant: 'off', fallthrough: { variant: 'on' } });
      served = serve(advanceRules(served.rules, revision, [{ revision, kind: 'flag', key, body, tag: tagOf(body) }]));
      started.advance(ENVIRONMENT_ID);
    },
    join: (have = served.views.server.state, wireOf?: (socket: SlowSocket) => object) => {
      const socket = new SlowSocket();
      started.accept(socket as unknown as WebSocket, KEY, wireOf?.(socket) as Writable | undefined);
      socket.say({
        type: 'hello',
        protocol: 1,
        formats: [1],
        sdk: 'test',
        app: { name: 'checkout' },
        instance: String(Math.random()),
        have,
      });
      return socket;
    },
  };
}

describe('createHub', () => {
  test('sends nothing to a reader with 64 KiB to read, then one delta for all it missed', async () => {
    const { change, join } = startHub();
    const slow = join();
    const quick = join();
    slow.bufferedAmount = 64 * 1024 + 1;
    for (const key of ['a', 'b', 'c']) {
      change(key);
      await setImmediate();
    }
    expect(slow.messages().map(({ type }) => type)).toEqual(['welcome']);
    expect(quick.messages().map(({ type }) => type)).toEqual(['welcome', 'delta', 'delta', 'delta']);
    slow.drain();
    expect(slow.messages().at(-1)).toMatchObject({
      type: 'delta',
      from: 0,
      to: 3,
      put: [{ key: 'a' }, { key: 'b' }, { key: 'c' }],
    });
    expect(slow.frames).toHaveLength(2);
  });

  test('builds the frame of one revision once, for all its readers', () => {
    const { change, join } = startHub();
    const readers = [join(), join(), join()];
    change('a');
    expect(new Set(readers.map((reader) => reader.buffers[1])).size).toBe(1);
  });

  test('brings 1 200 readers to the newest revision, though it moves while they are being served', async () => {
    const { change, clock, join, state } = startHub();
    const readers = Array.from({ length: 1_200 }, () => join());
    clock.lookMs = 50;
    change('a');
    expect(readers.filter((reader) => reader.frames.length > 1)).toHaveLength(100);
    change('b');
    for (let turn = 0; turn < 30; turn++) await setImmediate();
    // Their clock runs ahead with each look, so that a beat may be the last word.
    const deltas = readers.map((reader) => reader.messages().findLast(({ type }) => type === 'delta'));
    expect(new Set(deltas.map((last) => last?.type === 'delta' && last.to))).toEqual(new Set([state().revision]));
  });

  test('hears what is said in the middle of a fan-out once everybody has the change, and answers a hello with the newest state', async () => {
    const { change, clock, join } = startHub();
    const readers = Array.from({ length: 150 }, () => join());
    clock.lookMs = 50;
    const old = new SlowSocket();
    hub?.accept(old as unknown as WebSocket, KEY);
    change('a');
    old.say({ type: 'hello', protocol: 1, formats: [1], sdk: 'test', app: {}, instance: 'late' });
    expect([old.frames.length, readers.at(-1)?.frames.length]).toEqual([0, 1]);
    await setImmediate();
    expect(readers.at(-1)?.messages().at(-1)).toMatchObject({ type: 'delta', to: 1 });
    expect(old.messages()[0]).toMatchObject({ type: 'welcome', revision: 1 });
  });

  test('reads nothing of a reader that was served until the last one has been, where that takes several turns', async () => {
    const { change, clock, join, state } = startHub();
    const wires: ReturnType<typeof fakeWire>[] = [];
    const readers = Array.from({ length: 150 }, () =>
      join(state(), (socket) => {
        const wire = fakeWire(socket);
        wires.push(wire);
        return wire;
      }),
    );
    const held = () => wires.filter(({ _handle }) => !_handle.reading).length;
    clock.lookMs = 50;
    change('a');
    expect([readers.filter(({ frames }) => frames.length > 1).length, held()]).toEqual([100, 100]);
    for (let turn = 0; turn < 3; turn++) await setImmediate();
    expect([readers.filter(({ frames }) => frames.length > 1).length, held()]).toEqual([150, 0]);
    expect(readers.at(-1)?.messages().at(-1)).toMatchObject({ type: 'delta', to: 1 });
  });

  test('looks at the clock while it hears what thousands said, so that a turn is short whatever their words lead to', async () => {
    const { change, clock, join } = startHub();
    const readers = Array.from({ length: 400 }, () => join());
    clock.lookMs = 5;
    change('a');
    for (const reader of readers) reader.say({ type: 'applied' });
    const closed = [0];
    for (let turn = 0; turn < 40; turn++) {
      await setImmediate();
      closed.push(readers.filter(({ closedWith }) => closedWith !== null).length);
    }
    expect(closed.at(-1)).toBe(400);
    expect(Math.max(...closed.map((count, turn) => count - (closed[turn - 1] ?? 0)))).toBeLessThanOrEqual(150);
  });

  test('reads everybody again and again while changes follow each other without a pause', async () => {
    const { change, clock, join, state } = startHub();
    const wires: ReturnType<typeof fakeWire>[] = [];
    for (let reader = 0; reader < 350; reader++)
      join(state(), (socket) => {
        const wire = fakeWire(socket);
        wires.push(wire);
        return wire;
      });
    clock.lookMs = 50;
    for (let flag = 0; flag < 40; flag++) {
      change(`flag-${flag}`);
      await setImmediate();
    }
    expect(Math.min(...wires.map(({ starts }) => starts()))).toBeGreaterThanOrEqual(2);
  });

  test('goes on serving and hearing while changes follow each other without a pause', async () => {
    const { change, clock, join } = startHub();
    const readers = Array.from({ length: 150 }, () => join());
    clock.lookMs = 50;
    for (let flag = 0; flag < 20; flag++) {
      change(`flag-${flag}`);
      for (const reader of readers.slice(0, 5)) reader.say({ type: 'applied', epoch: '1-a', revision: 0, digest: '0' });
      await setImmediate();
    }
    for (let turn = 0; turn < 10; turn++) await setImmediate();
    const reached = readers.slice(5).map((reader) => reader.messages().at(-1));
    expect(new Set(reached.map((last) => last?.type === 'delta' && last.to))).toEqual(new Set([20]));
    const late = join();
    expect(late.messages()[0]).toMatchObject({ type: 'welcome', revision: 20 });
  });

  test('serves a change while others say more than can be heard', async () => {
    const { change, clock, join } = startHub();
    const readers = Array.from({ length: 150 }, () => join());
    const flooding = Array.from({ length: 60 }, () => join());
    clock.lookMs = 50;
    clock.onTurn = () => {
      for (const one of flooding) one.say({ type: 'of a newer SDK' });
    };
    const reached = () => Math.min(...readers.map(({ frames }) => frames.length - 1));
    for (let revision = 1; revision <= 3; revision++) {
      change(`flag-${revision}`);
      for (let turn = 0; turn < 20 && reached() < revision; turn++) await setImmediate();
    }
    expect(reached()).toBe(3);
    clock.onTurn = () => {};
  });

  test('sends a reader for the rule set when the delta is too large for a socket, and kills at once', () => {
    const { change, join } = startHub();
    const reader = join();
    reader.bufferedAmount = 64 * 1024 + 1;
    for (let index = 0; index < 400; index++) change(`flag-${index}`);
    change('killed', false);
    reader.drain();
    const [, resync, kills] = reader.messages();
    expect(resync).toMatchObject({ type: 'resync', reason: 'too_old', url: '/sync/v1/deltas/1-a/0..401', spreadMs: 2 });
    expect(kills).toMatchObject({ type: 'delta', from: 401, to: 401, kill: [{ key: 'killed' }], put: [] });
  });

  test('closes a socket that sends more than a hundred frames between two ticks that answer none of ours, and reads it no further', () => {
    const { join } = startHub();
    const flooding = join();
    for (let frame = 0; frame < 100; frame++) flooding.say({ type: 'of a newer SDK' });
    expect(flooding.closedWith).toBeNull();
    flooding.say({ type: 'of a newer SDK' });
    expect([flooding.closedWith, flooding.paused]).toEqual([CLOSE.protocol, true]);
  });

  test('takes all receipts at once of a reader that was held up for hundreds of changes', async () => {
    const { change, join } = startHub();
    const heldUp = join();
    for (let index = 0; index < 400; index++) {
      change(`flag-${index}`);
      await setImmediate();
    }
    for (let frame = 0; frame < 400; frame++) heldUp.say({ type: 'of a newer SDK' });
    expect([heldUp.closedWith, heldUp.paused]).toEqual([null, false]);
    for (let frame = 0; frame < 120; frame++) heldUp.say({ type: 'of a newer SDK' });
    expect([heldUp.closedWith, heldUp.paused]).toEqual([CLOSE.protocol, true]);
  });

  test('cuts a socket that cannot be heard in the middle of a fan-out, and serves the next change', async () => {
    const { change, clock, join } = startHub();
    const readers = Array.from({ length: 150 }, () => join());
    clock.lookMs = 50;
    const broken = new SlowSocket();
    hub?.accept(broken as unknown as WebSocket, KEY);
    broken.send = () => {
      throw new Error('of the test');
    };
    change('a');
    broken.say({ type: 'hello', protocol: 1, formats: [1], sdk: 'test', app: {}, instance: 'broken' });
    for (let turn = 0; turn < 5; turn++) await setImmediate();
    expect(broken.terminated).toBe(true);
    change('b');
    for (let turn = 0; turn < 5; turn++) await setImmediate();
    expect(readers.at(-1)?.messages().at(-1)).toMatchObject({ type: 'delta', to: 2 });
  });

  test('cuts a socket whose connection fails and serves the others', () => {
    const { change, join } = startHub();
    const broken = join();
    const sound = join();
    broken.send = () => {
      throw new Error('of the test');
    };
    change('a');
    expect(broken.terminated).toBe(true);
    expect(sound.messages().at(-1)).toMatchObject({ type: 'delta', to: 1 });
  });

  test('cuts a peer that has been silent for two and a half beats, and counts it no more', async () => {
    vi.useFakeTimers();
    const { join, connected } = startHub();
    const silent = join();
    const alive = join();
    for (let beat = 0; beat < 3; beat++) {
      expect(connected()).toBe(2);
      await vi.advanceTimersByTimeAsync(BEAT_MS);
      alive.emit('pong');
    }
    expect(connected()).toBe(1);
    expect(silent.terminated).toBe(true);
    expect(alive.terminated).toBe(false);
    expect(alive.messages().filter(({ type }) => type === 'beat').length).toBeGreaterThanOrEqual(2);
  });

  test('closes only the sockets of revoked keys', () => {
    const { hub: started, join } = startHub();
    const revoked = join();
    started.revoke(new Set(['another key']));
    expect(revoked.closedWith).toBeNull();
    started.revoke(new Set([KEY.id]));
    expect(revoked.closedWith).toBe(CLOSE.key);
  });

  test('says once of a revoked key how many sockets of which apps it closed', () => {
    const { hub: started, join, lines } = startHub();
    for (let count = 0; count < 3; count++) join();
    started.revoke(new Set([KEY.id, 'a key that nobody uses']));
    started.revoke(new Set([KEY.id]));
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ sdkKeyId: KEY.id, sockets: 3, apps: ['checkout'] }]);
  });

  test('spreads the return of its readers over as long as another server takes to let them in', async () => {
    const { hub: started, join } = startHub();
    const readers = Array.from({ length: 2_000 }, () => join());
    await started.close();
    const goodbyes = readers.map((reader) => reader.messages().find(({ type }) => type === 'goodbye'));
    expect(new Set(goodbyes.map((goodbye) => JSON.stringify(goodbye)))).toEqual(
      new Set([withSum(JSON.stringify({ type: 'goodbye', reason: 'shutdown', retryAfterMs: 1_000, spreadMs: 3_000 }))]),
    );
    expect(new Set(readers.map(({ closedWith }) => closedWith))).toEqual(new Set([1001]));
  });

  test('knows the keys of its sockets', async () => {
    const { hub: started, join } = startHub();
    const [first, second] = [join(), join()];
    first.close(1000);
    expect([started.sockets(), [...started.keyIds()]]).toEqual([1, [KEY.id]]);
    second.close(1000);
    expect([started.sockets(), [...started.keyIds()]]).toEqual([0, []]);
  });

  test('says goodbye to a socket that arrives while it closes, with the spread of those before it', async () => {
    const { hub: started, join } = startHub();
    const before = Array.from({ length: 2_000 }, () => join());
    const closing = started.close();
    const after = join();
    await closing;
    const late = join();
    const goodbyes = [...before, after, late].map((socket) => [socket.messages().at(-1), socket.closedWith]);
    expect(goodbyes).toEqual(goodbyes.map(() => [expect.objectContaining({ type: 'goodbye', spreadMs: 3_000 }), 1001]));
  });
});
