import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { keepSnapshots, type SnapshotKeeper } from './keep-snapshots.ts';

const ENVIRONMENT_ID = randomUUID();
const ENVIRONMENT_FILE = `environment-${ENVIRONMENT_ID}.jsonl`;

let folder: string;
let keeper: SnapshotKeeper;
let onDrawn: () => void;
let keyIds: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yardarm-keeper-'));
  keyIds = ['first'];
  onDrawn = () => undefined;
  keeper = keepSnapshots({
    folder,
    log: pino({ level: 'silent' }),
    environment: (environmentId) => ({
      ...{ environmentId, project: 'shop', environment: 'production', epoch: '1-a', revision: 7, committedAtMs: 5 },
      objects: {
        *[Symbol.iterator]() {
          onDrawn();
          yield { revision: 7, kind: 'flag', key: 'a', body: null, tag: 't' } as const;
        },
      },
    }),
    keys: () =>
      new Map(
        keyIds.map((id) => [id, { id, environmentId: ENVIRONMENT_ID, kind: 'server', allowedOrigins: [], expiresAtMs: null }]),
      ),
  });
});
afterEach(async () => {
  await keeper.close();
  await rm(folder, { recursive: true });
});

const keysFile = () => readFile(join(folder, 'keys.jsonl'), 'utf8');

it('writes the keys before rules that were noted before them', async () => {
  const keysAtRules = vi.fn();
  onDrawn = () => keysAtRules(readdir(folder));
  keeper.environmentChanged(ENVIRONMENT_ID);
  keeper.keysChanged();
  keeper.belongTo('one');
  await keeper.close();
  expect(await keysAtRules.mock.calls[0]?.[0]).toContain('keys.jsonl');
  expect(await readdir(folder)).toContain(ENVIRONMENT_FILE);
});

it('writes no rules beside keys that are older, however long the disk refuses these', async () => {
  await mkdir(join(folder, 'keys.jsonl'));
  keeper.environmentChanged(ENVIRONMENT_ID);
  keeper.keysChanged();
  keeper.belongTo('one');
  await keeper.close();
  expect(await readdir(folder)).toEqual(['keys.jsonl']);
});

it('writes keys again that changed while rules were written', async () => {
  onDrawn = () => {
    keyIds = ['second'];
    keeper.keysChanged();
    onDrawn = () => undefined;
  };
  keeper.keysChanged();
  keeper.environmentChanged(ENVIRONMENT_ID);
  keeper.belongTo('one');
  await vi.waitUntil(async () => (await keysFile().catch(() => '')).includes('second'), { timeout: 20_000 });
  expect(await readdir(folder)).toContain(ENVIRONMENT_FILE);
});
