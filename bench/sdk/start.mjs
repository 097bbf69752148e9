// @ts-check
/**
 * npm run bench:sdk-start: how soon an SDK in a fresh process answers from the snapshot of its last run, with 1 000 flags and no server:
 * nothing listens, or something does and stays silent. The floor reads the same file and parses its lines. Then how a start without
 * a snapshot ends, and how long it holds up the event loop of its host: at most 50 ms, as measured beside a process that does
 * nothing. Ends with exit code 1 where a bar is missed. Argument: [runs].
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { loadavg } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory, waitUntil } from '../../scripts/launch.mjs';
import { makeUsers, mixedFlags, segmentMembers } from '../evaluator/flags.mjs';
import { ruleSetOf } from '../evaluator/rule-set.mjs';
import { quantile, table } from '../flip/statistics.mjs';
import { serveRules } from './rules-server.mjs';

const MOST_MS = 100;
const MOST_UNREADY_MS = 3_200;
const MOST_BLOCKED_MS = 50;
const FLAGS = 1_000;
const PATIENCE_MS = 10_000;
const [runs = 15] = process.argv.slice(2).map(Number);
const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.join(here, '..', '..');

execFileSync(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-b', 'packages/sdk-node'], {
  cwd: root,
  stdio: 'inherit',
});
/** @type {typeof import('../../packages/sdk-node/src/index.ts')} */
const { YardarmProvider } = await import(path.join(root, 'packages/sdk-node/dist/index.js'));

const directory = await temporaryDirectory();
const snapshotFile = path.join(directory.path, 'snapshot');
const flags = mixedFlags(FLAGS);
const server = await serveRules(ruleSetOf(flags, segmentMembers(makeUsers()).slice(0, 100)));
const first = new YardarmProvider({ url: server.url, key: 'ys_0123456789', snapshotFile });
await first.initialize();
await waitUntil(
  async () => existsSync(snapshotFile),
  PATIENCE_MS,
  () => 'the snapshot',
);
await first.onClose();
await server.stop();

const silent = createServer(() => {});
await new Promise((resolve) => silent.listen(0, '127.0.0.1', () => resolve(undefined)));
const { port } = /** @type {import('node:net').AddressInfo} */ (silent.address());
const key = /** @type {{ key: string }} */ (flags[0]).key;

/** @param {string} how @returns {{ tookMs: number, blockedMs: number }} what the child counted */
const run = (how, url = '', file = snapshotFile) =>
  JSON.parse(execFileSync(process.execPath, [path.join(here, 'start-child.mjs'), how, file, url, key], { encoding: 'utf8' }));
const start = (/** @type {string} */ how, url = '') => run(how, url).tookMs;
/** @type {Record<'floor' | 'answer' | 'refused' | 'silent', number[]>} */
const times = { floor: [], answer: [], refused: [], silent: [] };
for (let count = 0; count < runs; count += 1) {
  times.floor.push(start('floor'));
  times.answer.push(start('answer', server.url));
  times.refused.push(start('ready', server.url));
  times.silent.push(start('ready', `http://127.0.0.1:${port}`));
}
// Without a snapshot a start lasts as long as it may, so that a third of the runs must do.
const places = {
  'nothing (floor)': '',
  'no listener': server.url,
  'a server that says nothing': `http://127.0.0.1:${port}`,
  'a name that nobody has': 'http://yardarm.invalid',
};
/** @type {Record<string, { tookMs: number[], blockedMs: number[] }>} */
const unready = {};
for (let count = 0; count < Math.ceil(runs / 3); count += 1) {
  for (const [place, url] of Object.entries(places)) {
    const { tookMs, blockedMs } = run(url === '' ? 'idle' : 'unready', url, path.join(directory.path, 'none'));
    unready[place] ??= { tookMs: [], blockedMs: [] };
    unready[place].tookMs.push(tookMs);
    unready[place].blockedMs.push(blockedMs);
  }
}
silent.close();
await directory.remove();

console.log(
  table([
    ['read the file, parse its lines (floor)', times.floor],
    ['construct to the first answer', times.answer],
    ['construct to READY, nothing listens', times.refused],
    ['construct to READY, a server that says nothing', times.silent],
  ]),
);
console.log('\nStart without a snapshot: to the end of `initialize`\n');
console.log(table(Object.entries(unready).map(([place, { tookMs }]) => [place, tookMs])));
console.log('\nThe longest that the event loop stood still meanwhile\n');
console.log(table(Object.entries(unready).map(([place, { blockedMs }]) => [place, blockedMs])));
console.log(`\nload average ${loadavg()[0]?.toFixed(1)}, Node ${process.versions.node}`);

/** @param {string} what @param {readonly (readonly number[])[]} times @param {number} mostMs @returns {boolean} whether it is met */
function judge(what, times, mostMs) {
  const worst = Math.max(...times.map((each) => quantile(each, 0.5)));
  const isMet = worst <= mostMs;
  console.log(`${isMet ? 'met   ' : 'MISSED'}  ${what}: ${worst.toFixed(1)} ms, at most ${mostMs} (median)`);
  return isMet;
}
const all = Object.values(unready);
const judged = [
  judge('READY from a snapshot', [times.refused, times.silent], MOST_MS),
  judge(
    'a start without one ends',
    all.map(({ tookMs }) => tookMs),
    MOST_UNREADY_MS,
  ),
  judge(
    'the host stood still',
    all.map(({ blockedMs }) => blockedMs),
    MOST_BLOCKED_MS,
  ),
];
process.exit(judged.every(Boolean) ? 0 : 1);
