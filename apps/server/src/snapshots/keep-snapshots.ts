/**
 * Writes snapshots in the background, a moment after what they hold has changed. Nothing waits for it: whoever changes
 * something leaves a note. A disk that takes nothing costs a line in the log, and SDKs their service only where the
 * database is away and the server restarts.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import { setAllAside, writeSnapshot } from './snapshot-files.ts';
import type { EnvironmentSnapshot, KeysSnapshot, Snapshot } from './snapshot-text.ts';

/** A burst of changes is one file; what a `kill -9` within it loses, the database has. */
const WRITE_AFTER_MS = 500;
const RETRY_AFTER_MS = 30_000;
/** A disk that hangs must not keep the server from ending. */
const CLOSE_PATIENCE_MS = 2_000;

/** Stands for the keys among ids of environments. */
const KEYS = 'keys';

export interface SnapshotKeeperOptions {
  readonly folder: string;
  readonly log: FastifyBaseLogger;
  /** Undefined: not loaded. */
  readonly environment: (environmentId: string) => EnvironmentSnapshot | undefined;
  readonly keys: () => KeysSnapshot;
}

export interface SnapshotKeeper {
  environmentChanged(environmentId: string): void;
  keysChanged(): void;
  /** Nothing is written before it is known which instance this is. */
  belongTo(instanceId: string): void;
  /** What is on disk is of another instance. */
  setAside(): Promise<void>;
  /** Writes what is outstanding. Never rejects. */
  close(): Promise<void>;
}

export function keepSnapshots({ folder, log, environment, keys }: SnapshotKeeperOptions): SnapshotKeeper {
  const changed = new Set<string>();
  let instanceId: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let failing = false;
  let closed = false;

  function note(what: string): void {
    changed.add(what);
    schedule(WRITE_AFTER_MS);
  }

  function schedule(afterMs: number): void {
    if (timer !== undefined || writing !== undefined || instanceId === undefined || closed) return;
    timer = setTimeout(() => void write(), afterMs);
  }

  async function write(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    writing ??= writeAll().finally(() => {
      writing = undefined;
      if (changed.size > 0) schedule(failing ? RETRY_AFTER_MS : WRITE_AFTER_MS);
    });
    return writing;
  }

  /**
   * Keys before rules: an environment is taken in a turn in which the keys in force are on disk. Memory has it that way round too, so that
   * no end of the server leaves rules that are newer than the revocation of a key beside keys that still have it.
   */
  async function writeAll(): Promise<void> {
    for (const what of [...changed]) {
      while (changed.has(KEYS)) if (!(await writeOne(KEYS))) return;
      if (changed.has(what)) await writeOne(what);
    }
  }

  /** False: the disk did not take it, and it is still outstanding. */
  async function writeOne(what: string): Promise<boolean> {
    // Before it is read: what changes while it is written is written again.
    changed.delete(what);
    const snapshot = take(what);
    if (snapshot === undefined) return true;
    try {
      await writeSnapshot(folder, snapshot);
      if (failing) log.info({ folder }, 'snapshots are written again');
      failing = false;
    } catch (error) {
      changed.add(what);
      if (!failing)
        log.warn({ err: error, folder }, 'a snapshot cannot be written: a restart without database would serve older rules');
      failing = true;
    }
    return !failing;
  }

  function take(what: string): Snapshot | undefined {
    if (instanceId === undefined) return undefined;
    if (what === KEYS) return { kind: 'keys', instanceId, keys: keys() };
    const found = environment(what);
    return found && { kind: 'environment', instanceId, ...found };
  }

  return {
    environmentChanged: note,
    keysChanged: () => note(KEYS),
    belongTo: (id) => {
      instanceId = id;
      if (changed.size > 0) schedule(WRITE_AFTER_MS);
    },
    setAside: () => setAllAside(folder, log),
    close: async () => {
      closed = true;
      const finish = async () => {
        await writing;
        if (changed.size > 0) await write();
      };
      await Promise.race([finish(), delay(CLOSE_PATIENCE_MS, undefined, { ref: false })]);
    },
  };
}
