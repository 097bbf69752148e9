/**
 * Tells open event streams that answers have changed: a stream knows a version of its view, and hears of one that differs. So what was
 * missed while it was away, a change and an instant of the clock all take the same path, and a hundred changes are one message.
 */
import type { View } from '@yardarm/sync';

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
  /** Epoch milliseconds of the last heartbeat, or of the opening. */
  lastBeatMs: number;
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
  /** Epoch milliseconds. */
  readonly now: () => number;
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

export function createRefetchHub({ current, isActive, now }: RefetchHubOptions): RefetchHub {
  const streams = new Set<RefetchStream>();
  const perKey = new Map<string, number>();
  const waiting = new Map<string, NodeJS.Timeout>();
  const timer = setInterval(tick, TICK_MS);
  let closed = false;

  function tell(stream: RefetchStream): void {
    const latest = current(stream.environmentId, stream.view);
    if (latest === undefined || latest.version === stream.told) return;
    stream.told = latest.version;
    const data = JSON.stringify({ type: 'refetchEvaluation', etag: latest.position });
    stream.write(`id: ${latest.version}\nevent: message\ndata: ${data}\n\n`);
  }

  function tick(): void {
    const ended = new Set([...perKey.keys()].filter((keyId) => !isActive(keyId)));
    for (const stream of streams) {
      if (ended.has(stream.keyId)) stream.end();
      else tell(stream);
      if (now() - stream.lastBeatMs < HEARTBEAT_MS) continue;
      stream.lastBeatMs = now();
      stream.write(': heartbeat\n\n');
    }
  }

  return {
    add: (stream) => {
      if (closed) return stream.end();
      streams.add(stream);
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
      if (closed || streams.size === 0 || waiting.has(environmentId)) return;
      const tellAll = () => {
        waiting.delete(environmentId);
        for (const stream of streams) if (stream.environmentId === environmentId) tell(stream);
      };
      waiting.set(environmentId, setTimeout(tellAll, COALESCE_MS));
    },
    count: (keyId) => (keyId === undefined ? streams.size : (perKey.get(keyId) ?? 0)),
    close: () => {
      closed = true;
      clearInterval(timer);
      for (const one of waiting.values()) clearTimeout(one);
      for (const stream of streams) stream.end();
      streams.clear();
    },
  };
}
