/**
 * Tells open event streams that answers have changed: a stream knows a version of its view, and hears of one that differs. So what was
 * missed while it was away, a change and an instant of the clock all take the same path, and a hundred changes are one message.
 */
import type { View } from '@yardarm/sync';
import { inSlices, NODE_TURNS, type Turns } from '../delivery/in-slices.ts';

/** Changes that come together are told together; a kill is not held up for longer than a person notices. */
const COALESCE_MS = 50;
const TICK_MS = 1_000;
/** Below the idle timeouts of common proxies (30 to 60 s). */
const HEARTBEAT_MS = 15_000;

export interface RefetchStream {
  readonly environmentId: string;
  readonly view: View;
  readonly keyId: string;
  /** The last version that its reader knows of; null: none. */
  told: string | null;
  readonly write: (text: string) => void;
  readonly end: () => void;
}

/** What a view is at now; `position` is `<epoch>.<revision>`, which a server that has not heard of it yet waits for. */
export interface CurrentVersion {
  readonly version: string;
  readonly position: string;
}

export interface RefetchHubOptions {
  readonly current: (environmentId: string, view: View) => CurrentVersion | undefined;
  /** Whether the key may still be used. */
  readonly isActive: (keyId: string) => boolean;
  /** Left out: those of Node. */
  readonly turns?: Turns;
}

export interface RefetchHub {
  /** Tells it at once where its reader is behind. */
  add(stream: RefetchStream): void;
  remove(stream: RefetchStream): void;
  /** The environment has a newer revision. */
  advance(environmentId: string): void;
  /** Open streams of a key, and of all. */
  count(keyId?: string): number;
  close(): void;
}

export function createRefetchHub({ current, isActive, turns = NODE_TURNS }: RefetchHubOptions): RefetchHub {
  const streams = new Set<RefetchStream>();
  /** Of the last heartbeat, or of the opening, on a clock that nobody sets. */
  const beatsMs = new WeakMap<RefetchStream, number>();
  const perKey = new Map<string, number>();
  /** By environment, from a change until everybody was told of it; `again`: it has moved since it began. */
  const passes = new Map<string, { timer: NodeJS.Timeout; again: boolean }>();
  const timer = setInterval(() => void tick(), TICK_MS);
  let ticking = false;
  let closed = false;

  function tell(stream: RefetchStream): void {
    const latest = current(stream.environmentId, stream.view);
    if (latest === undefined || latest.version === stream.told) return;
    stream.told = latest.version;
    const data = JSON.stringify({ type: 'refetchEvaluation', etag: latest.position });
    stream.write(`id: ${latest.version}\nevent: message\ndata: ${data}\n\n`);
  }

  async function tick(): Promise<void> {
    if (ticking) return;
    ticking = true;
    const ended = new Set([...perKey.keys()].filter((keyId) => !isActive(keyId)));
    await inSlices(streams, (stream) => watch(stream, ended.has(stream.keyId)), turns);
    ticking = false;
  }

  function watch(stream: RefetchStream, hasEnded: boolean): void {
    if (hasEnded) stream.end();
    else tell(stream);
    const nowMs = turns.nowMs();
    if (nowMs - (beatsMs.get(stream) ?? 0) < HEARTBEAT_MS) return;
    beatsMs.set(stream, nowMs);
    stream.write(': heartbeat\n\n');
  }

  function tellSoon(environmentId: string): void {
    passes.set(environmentId, { timer: setTimeout(() => void tellAll(environmentId), COALESCE_MS), again: false });
  }

  async function tellAll(environmentId: string): Promise<void> {
    const pass = passes.get(environmentId);
    if (pass !== undefined) pass.again = false;
    await inSlices(
      streams,
      (stream) => {
        if (stream.environmentId === environmentId) tell(stream);
      },
      turns,
    );
    passes.delete(environmentId);
    if (pass?.again === true && !closed) tellSoon(environmentId);
  }

  return {
    add: (stream) => {
      if (closed) return stream.end();
      streams.add(stream);
      beatsMs.set(stream, turns.nowMs());
      perKey.set(stream.keyId, (perKey.get(stream.keyId) ?? 0) + 1);
      tell(stream);
    },
    remove: (stream) => {
      if (!streams.delete(stream)) return;
      const left = (perKey.get(stream.keyId) ?? 1) - 1;
      if (left > 0) perKey.set(stream.keyId, left);
      else perKey.delete(stream.keyId);
    },
    advance: (environmentId) => {
      if (closed || streams.size === 0) return;
      const pass = passes.get(environmentId);
      if (pass === undefined) tellSoon(environmentId);
      else pass.again = true;
    },
    count: (keyId) => (keyId === undefined ? streams.size : (perKey.get(keyId) ?? 0)),
    close: () => {
      closed = true;
      clearInterval(timer);
      for (const pass of passes.values()) clearTimeout(pass.timer);
      for (const stream of streams) stream.end();
      streams.clear();
    },
  };
}
