/**
 * Snapshots in a folder of the data directory: a file for the keys and one for each environment, so that a change rewrites
 * what it changed. A file is whole or not there: it is written beside, synced and renamed.
 */
import { createHash, randomUUID } from 'node:crypto';
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import { makeFolders } from '../make-folders.ts';
import type { KeptRules } from '../ruleset/cache.ts';
import { checksumLine, type KeysSnapshot, parseSnapshot, type Snapshot, snapshotLines } from './snapshot-text.ts';

const FILE_NAME = /^(?:keys|environment-[0-9a-f-]{36})\.jsonl$/;
const DRAFT_NAME = /\.draft$/;
/** Of bodies of a kilobyte: a few milliseconds of work between two turns of everybody else. */
const LINES_PER_SLICE = 200;

/** What a server knew when it last wrote: enough to serve SDKs without a database. */
export interface StoredSnapshots {
  readonly instanceId: string;
  readonly keys: KeysSnapshot;
  readonly environments: readonly KeptRules[];
}

/**
 * Null where there is nothing to serve from. Files that are damaged, newer than this version or of another instance than the keys
 * are set aside, each with one line in the log. Never rejects: a file that cannot be read, or cannot be set aside, is not used.
 */
export async function readSnapshots(folder: string, log: FastifyBaseLogger): Promise<StoredSnapshots | null> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) if (DRAFT_NAME.test(name)) await removeDraft(folder, name, log);
  const snapshots: Snapshot<KeptRules>[] = [];
  for (const name of names.filter((one) => FILE_NAME.test(one))) {
    const text = await readFile(join(folder, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
      log.warn({ file: join(folder, name), err: error }, 'the snapshot cannot be read; it is not used');
      return null;
    });
    if (text === null) continue;
    const snapshot = parseSnapshot(text);
    if (snapshot.kind !== 'unusable') snapshots.push(snapshot);
    else await setAside(folder, name, snapshot.why, log);
  }
  const keys = snapshots.find((one) => one.kind === 'keys');
  const environments = snapshots.filter((one) => one.kind === 'environment');
  if (keys === undefined) return null;
  const { instanceId } = keys;
  const own = environments.filter((one) => one.instanceId === instanceId);
  for (const { environmentId } of environments.filter((one) => !own.includes(one)))
    await setAside(folder, environmentFile(environmentId), 'is of another instance', log);
  return { instanceId, keys: keys.keys, environments: own };
}

/** Sets every snapshot aside: the database turned out to hold another instance. */
export async function setAllAside(folder: string, log: FastifyBaseLogger): Promise<void> {
  for (const name of await readdir(folder).catch(() => []))
    if (FILE_NAME.test(name)) await setAside(folder, name, 'is of another instance than the database', log);
}

/** Replaces the file of this snapshot. Rejects when the disk does not take it, and leaves the old one alone. */
export async function writeSnapshot(folder: string, snapshot: Snapshot): Promise<void> {
  await makeFolders(folder, 0o700);
  const path = join(folder, snapshot.kind === 'keys' ? 'keys.jsonl' : environmentFile(snapshot.environmentId));
  const draft = `${path}.${randomUUID()}.draft`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      const hash = createHash('sha256');
      for (const slice of inSlices(snapshotLines(snapshot))) {
        hash.update(slice);
        await file.write(slice);
        await setImmediate();
      }
      await file.write(checksumLine(hash.digest('hex')));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  const directory = await open(folder, 'r');
  await directory.sync().finally(() => directory.close());
}

function* inSlices(lines: Iterable<string>): Generator<string> {
  let slice: string[] = [];
  for (const line of lines) {
    slice.push(line);
    if (slice.length < LINES_PER_SLICE) continue;
    yield `${slice.join('\n')}\n`;
    slice = [];
  }
  if (slice.length > 0) yield `${slice.join('\n')}\n`;
}

async function setAside(folder: string, name: string, why: string, log: FastifyBaseLogger): Promise<void> {
  const kept = `${name}.aside`;
  try {
    await rename(join(folder, name), join(folder, kept));
    log.warn({ file: join(folder, name), kept }, `the snapshot ${why}; it is not used, and kept aside`);
  } catch (error) {
    log.warn({ file: join(folder, name), err: error }, `the snapshot ${why}; it is not used, and cannot be kept aside`);
  }
}

/** What a `kill -9` left of a file that was being written. */
async function removeDraft(folder: string, name: string, log: FastifyBaseLogger): Promise<void> {
  const path = join(folder, name);
  await rm(path, { force: true }).catch((error) =>
    log.warn({ file: path, err: error }, 'a draft of a snapshot cannot be removed'),
  );
}

function environmentFile(environmentId: string): string {
  return `environment-${environmentId}.jsonl`;
}
