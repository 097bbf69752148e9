/**
 * Keeps what the provider holds in a file, so that the next start needs no server. The file is replaced as a whole once the new
 * one is on the disk; what cannot be read, or is of another key, counts as none. Trouble with the disk costs the
 * snapshot and nothing else.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { readSnapshot, type Snapshots, type Store, snapshotLines } from '@yardarm/sync';

/** At most one file in this time: a rule set of some megabytes must not be written for each of many edits. */
const WRITE_EVERY_MS = 1_000;
/** Nobody writes a file for so long: whoever began it was killed. */
const ABANDONED_MS = 60_000;
/** Lines made before the host gets its turn: a millisecond or two. */
const LINES_AT_ONCE = 200;
const TEMPORARY = '.tmp';

export interface FileSnapshots extends Snapshots {
  /** Resolves when the newest of what was to be kept is on the disk, or cannot be; without the pause between two files. Never rejects. */
  flush(): Promise<void>;
}

export function snapshotsIn(file: string, key: string): FileSnapshots {
  const owner = createHash('sha256').update(`snapshot ${key}`).digest('hex').slice(0, 16);
  let loaded: Store | null = null;
  let waiting: Store | undefined;
  let isPacing = false;
  /** One behind the other: an older file must not replace a newer one. */
  let written = Promise.resolve();

  async function writeOn(): Promise<void> {
    isPacing = true;
    while (waiting !== undefined) {
      await writeNewest();
      await pause(WRITE_EVERY_MS);
    }
    isPacing = false;
  }

  function writeNewest(): Promise<void> {
    written = written.then(async () => {
      const store = waiting;
      waiting = undefined;
      if (store !== undefined) await write(file, store, owner).catch(() => undefined);
    });
    return written;
  }

  return {
    load: () => {
      void removeAbandoned(file);
      const text = readGuarded(file);
      loaded = text === null ? null : readSnapshot(text, owner);
      return loaded;
    },
    save: (store) => {
      // It is in the file: what comes next would wait for a second, and a process that ends by then would never keep anything newer.
      if (store === loaded) return;
      loaded = null;
      waiting = store;
      if (!isPacing) void writeOn();
    },
    flush: writeNewest,
  };
}

/** The text without its last line, which is the SHA-256 of all before it. */
function readGuarded(at: string): string | null {
  try {
    const file = readFileSync(at, 'utf8');
    const end = file.lastIndexOf('\n');
    const text = file.slice(0, end);
    return createHash('sha256').update(text).digest('hex') === file.slice(end + 1) ? text : null;
  } catch {
    return null;
  }
}

async function write(at: string, store: Store, owner: string): Promise<void> {
  const temporary = `${at}.${randomUUID()}${TEMPORARY}`;
  const hash = createHash('sha256');
  const file = await open(temporary, 'w', 0o600);
  try {
    let chunk: string[] = [];
    let isFirst = true;
    const flush = async () => {
      const text = `${isFirst ? '' : '\n'}${chunk.join('\n')}`;
      hash.update(text);
      await file.write(text);
      chunk = [];
      isFirst = false;
    };
    for (const line of snapshotLines(store, owner)) {
      chunk.push(line);
      if (chunk.length >= LINES_AT_ONCE) await flush();
    }
    if (chunk.length > 0) await flush();
    await file.write(`\n${hash.digest('hex')}`);
    await file.sync();
    await file.close();
    await rename(temporary, at);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Half-written files of runs that were killed: a host that is killed again and again must not fill its disk. Never rejects. */
async function removeAbandoned(file: string): Promise<void> {
  const folder = path.dirname(file);
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(`${path.basename(file)}.`) || !name.endsWith(TEMPORARY)) continue;
    const at = path.join(folder, name);
    const writtenMs = await stat(at).then(
      ({ mtimeMs }) => mtimeMs,
      () => Number.POSITIVE_INFINITY,
    );
    if (Date.now() - writtenMs > ABANDONED_MS) await rm(at, { force: true }).catch(() => undefined);
  }
}

/** Does not keep the process alive. */
function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs).unref());
}
