import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ADVISORY_LOCK_CLASS, NIGHTLY_EXPORT_LOCK } from '../db/advisory-locks.ts';
import { mustImport } from '../testing/exports.ts';
import { makeFlag, makeProject } from '../testing/fixtures.ts';
import { type TestApp, testApp } from '../testing/test-app.ts';
import { isDue, startNightlyExports } from './nightly-export.ts';

const HOUR_MS = 3_600_000;
let server: TestApp;
let folder: string;
let directory: string;
let nowMs: number;
let lines: string[];

beforeEach(async () => {
  server = await testApp();
  await makeProject(server, 'shop');
  await makeFlag(server, 'shop', 'checkout');
  folder = await mkdtemp(join(tmpdir(), 'yardarm nightly '));
  directory = join(folder, 'exports');
  nowMs = Date.now();
  lines = [];
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** One look of a server at `nowMs`, as at its start. */
async function look(where = directory): Promise<boolean> {
  const log = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) });
  const nightly = startNightlyExports({ db: server.db, log, directory: where, version: '1.2.3', databaseNow: async () => nowMs });
  const done = await nightly.look();
  await nightly.close();
  return done;
}
const exportsIn = async (where = directory) => (await readdir(where)).sort();
/** As if the last export had been taken that long ago: the record cannot be rewritten, so time goes on instead. */
const laterBy = (hours: number) => {
  nowMs += hours * HOUR_MS;
};

it('takes an export that can be imported, for its owner only, and puts it on the record', async () => {
  expect(await look()).toBe(true);
  const [name = ''] = await exportsIn();
  expect(name).toMatch(/^yardarm-\d{8}T\d{6}Z\.jsonl$/);
  expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600);
  expect((await stat(directory)).mode & 0o777).toBe(0o700);
  const other = await testApp();
  expect(await mustImport(other, await readFile(join(directory, name), 'utf8'))).toMatchObject({ counts: { flag: 1 } });
  await other.close();
  const [record] = await server.sql`select actor, actor_kind from change_sets where command = 'instance.export'`;
  expect(record).toEqual({ actor: 'nightly export', actor_kind: 'system' });
});

it('takes one a night, whatever the number of servers and starts', async () => {
  await look();
  await look();
  await Promise.all([look(), look(), look()]);
  expect(await exportsIn()).toHaveLength(1);
  laterBy(25);
  await Promise.all([look(), look(), look()]);
  expect(await exportsIn()).toHaveLength(2);
});

it('is due after two in the morning, and where a night was missed', () => {
  const at = (text: string) => Date.parse(`2030-01-${text}:00Z`);
  expect(isDue(at('15T01:59'), at('14T02:05'))).toBe(false);
  expect(isDue(at('15T02:00'), at('14T02:05'))).toBe(true);
  expect(isDue(at('15T02:06'), at('15T02:05'))).toBe(false);
  expect(isDue(at('15T12:00'), at('12T02:05'))).toBe(true);
  expect(isDue(at('15T12:00'), null)).toBe(true);
});

it('catches up at the start after a night in which nobody ran', async () => {
  await look();
  laterBy(24 * 3);
  await look();
  expect(await exportsIn()).toHaveLength(2);
});

it('keeps seven, and touches no other file', async () => {
  await look();
  await writeFile(join(directory, 'mine.jsonl'), 'x');
  await writeFile(join(directory, 'yardarm-20200101T020000Z.jsonl.draft'), 'of a server that was killed');
  for (let night = 0; night < 9; night++) {
    laterBy(24);
    // Each of these nights is after the last record, which the database dates.
    await look();
  }
  const names = await exportsIn();
  expect(names.filter((name) => name.startsWith('yardarm-'))).toHaveLength(7);
  expect(names).toContain('mine.jsonl');
  expect(names).toHaveLength(8);
});

it('leaves the work to whoever is at it', async () => {
  await server.sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(${ADVISORY_LOCK_CLASS}, ${NIGHTLY_EXPORT_LOCK})`;
    expect(await look()).toBe(true);
    expect(await exportsIn()).toEqual([]);
  });
});

it('says loudly that it failed, leaves nothing half-written, and tries again', async () => {
  await writeFile(join(folder, 'file'), '');
  expect(await look(join(folder, 'file'))).toBe(false);
  expect(lines.join('')).toMatch(/nightly export FAILED/);
  await look();
  await rm(directory, { recursive: true });
  await server.sql`alter table webhooks rename to webhooks_gone`;
  expect(await look()).toBe(false);
  expect(await exportsIn()).toEqual([]);
  await server.sql`alter table webhooks_gone rename to webhooks`;
  expect(await look()).toBe(true);
  expect(await exportsIn()).toHaveLength(1);
});
