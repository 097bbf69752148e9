// @ts-check
/**
 * npm run bench:sdk-start: how soon an SDK in a fresh process answers from the snapshot of its last run, with 1 000 flags and no server:
 * nothing listens, or something does and stays silent. The floor reads the same file and parses its lines. Ends with exit code 1
 * where the bar is missed. Argument: [runs].
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

/** @param {string} how @returns {number} milliseconds that the child counted */
const start = (how, url = '') =>
  Number(execFileSync(process.execPath, [path.join(here, 'start-child.mjs'), how, snapshotFile, url, key], { encoding: 'utf8' }));
/** @type {Record<'floor' | 'answer' | 'refused' | 'silent', number[]>} */
const times = { floor: [], answer: [], refused: [], silent: [] };
for (let run = 0; run < runs; run += 1) {
  times.floor.push(start('floor'));
  times.answer.push(start('answer', server.url));
  times.refused.push(start('ready', server.url));
  times.silent.push(start('ready', `http://127.0.0.1:${port}`));
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
console.log(`\nload average ${loadavg()[0]?.toFixed(1)}, Node ${process.versions.node}`);
const worst = Math.max(quantile(times.refused, 0.5), quantile(times.silent, 0.5));
console.log(
  worst <= MOST_MS ? `Bar met: at most ${MOST_MS} ms (median).` : `MISSED  ${worst.toFixed(1)} ms, at most ${MOST_MS} wanted`,
);
process.exit(worst <= MOST_MS ? 0 : 1);
