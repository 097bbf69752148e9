import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readSnapshots, setAllAside, writeSnapshot } from './snapshot-files.ts';

let folder: string;
let lines: { msg: string }[];
const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line) as { msg: string }) });
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yardarm-snapshots-'));
  lines = [];
});
afterEach(() => rm(folder, { recursive: true }));

const messages = () => lines.map(({ msg }) => msg);
const keys = { kind: 'keys', instanceId: randomUUID(), keys: new Map() } as const;
const environmentFile = () => join(folder, `environment-${randomUUID()}.jsonl`);

// Folders stand for whatever the disk refuses: a test that runs as root may read every file.
describe('readSnapshots on a disk that does not give everything', () => {
  test('serves from the files that can be read, and names the others', async () => {
    await writeSnapshot(folder, keys);
    await mkdir(environmentFile());
    expect(await readSnapshots(folder, log)).toEqual({ instanceId: keys.instanceId, keys: keys.keys, environments: [] });
    expect(messages()).toEqual(['the snapshot cannot be read; it is not used']);
  });

  test('goes on where a draft cannot be removed', async () => {
    await mkdir(join(folder, 'keys.jsonl.1.draft'));
    await writeSnapshot(folder, keys);
    expect(await readSnapshots(folder, log)).toMatchObject({ instanceId: keys.instanceId });
    expect(messages()).toEqual(['a draft of a snapshot cannot be removed']);
  });

  test('and setAllAside go on where a file cannot be set aside', async () => {
    await writeFile(join(folder, 'keys.jsonl'), 'damaged');
    await mkdir(join(folder, 'keys.jsonl.aside'));
    expect(await readSnapshots(folder, log)).toBeNull();
    await setAllAside(folder, log);
    expect(messages()).toEqual([
      'the snapshot is damaged; it is not used, and cannot be kept aside',
      'the snapshot is of another instance than the database; it is not used, and cannot be kept aside',
    ]);
  });
});
