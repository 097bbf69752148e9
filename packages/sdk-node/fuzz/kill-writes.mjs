// @ts-check
/**
 * npm run fuzz:snapshot -- [--kills 1000]: processes that are killed while they keep a rule set in a file. After each kill the file has
 * to hold one whole rule set, the one before or the new one. Exit code 1 where it does not.
 */
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadRuleSet } from '@yardarm/sync';

export const KEY = 'ys_0123456789';
const FLAGS = 1_500;
/** From before the file is opened until after it is in its place. */
const WITHIN_MS = 40;
const PATIENCE_MS = 10_000;

/** @param {number} revision @returns {import('@yardarm/evaluator').RuleSet} */
export function ruleSetOf(revision) {
  const body = /** @type {const} */ ({
    type: 'boolean',
    variants: { on: true, off: false },
    on: true,
    offVariant: 'off',
    fallthrough: { variant: 'on' },
    revision,
    tag: revision.toString(16).padStart(16, '0'),
  });
  const flags = Object.fromEntries(Array.from({ length: FLAGS }, (_, index) => [`flag-${index}`, body]));
  return { format: 1, project: 'shop', environment: 'test', epoch: '1-a', revision, flags, segments: {} };
}

/**
 * @param {number} kills
 * @param {() => number} random in [0, 1)
 * @returns {Promise<{ wrong: readonly string[], halfWritten: number, replaced: number }>} how many kills left a half-written file beside
 *   the one in its place, and how many came after the new one was there
 */
export async function killWriters(kills, random) {
  const { snapshotsIn } = await import('../dist/snapshot-file.js');
  const folder = await mkdtemp(path.join(tmpdir(), 'yardarm-kills-'));
  const file = path.join(folder, 'snapshot');
  const snapshots = snapshotsIn(file, KEY);
  /** @type {string[]} */
  const wrong = [];
  let [halfWritten, replaced, held] = [0, 0, 0];
  try {
    snapshots.save(loadRuleSet(ruleSetOf(held), null).store);
    for (const endMs = performance.now() + PATIENCE_MS; snapshots.load() === null && performance.now() < endMs; ) await sleep(10);
    for (let revision = 1; revision <= kills; revision += 1) {
      // With no options of this process's own: a test runs under conditions that the built packages know nothing of.
      const child = fork(fileURLToPath(new URL('kill-writer.mjs', import.meta.url)), [file, String(revision)], { execArgv: [] });
      const exited = once(child, 'exit');
      const [said] = await Promise.race([once(child, 'message'), exited]);
      if (said !== 'ready') throw new Error(`The writer ended with exit code ${said}.`);
      await sleep(random() * WITHIN_MS);
      child.kill('SIGKILL');
      await exited;
      const left = (await readdir(folder)).filter((name) => name !== 'snapshot');
      if (left.length > 0) halfWritten += 1;
      for (const name of left) await rm(path.join(folder, name));
      const store = snapshots.load();
      const revisions = new Set((store?.entries.values() ?? []).map(({ body }) => body.revision));
      const isWhole =
        store !== null && store.entries.values().length === FLAGS && revisions.size === 1 && revisions.has(store.state.revision);
      const now = store?.state.revision ?? -1;
      if (!isWhole || (now !== held && now !== revision)) wrong.push(`kill ${revision}: the file holds ${now} after ${held}`);
      if (now === revision) replaced += 1;
      held = now;
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return { wrong, halfWritten, replaced };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { kills: { type: 'string', default: '1000' } } });
  const tsc = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url));
  const built = spawnSync(process.execPath, [tsc, '-b', fileURLToPath(new URL('..', import.meta.url))], { stdio: 'inherit' });
  if (built.status !== 0) process.exit(1);
  const { wrong, halfWritten, replaced } = await killWriters(Number(values.kills), Math.random);
  for (const line of wrong) console.log(line);
  console.log(
    `${values.kills} kills: ${wrong.length} files that are not whole; ${halfWritten} hit a file half written, ${replaced} came after it was in its place.`,
  );
  process.exitCode = wrong.length > 0 ? 1 : 0;
}
